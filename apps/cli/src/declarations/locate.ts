import { isCollection, isMap, isNode, isScalar, type Node } from 'yaml';
import { CommandError, EXIT, problemText } from '../exit.ts';
import { placeAt } from './place.ts';
import type { Declaration } from './read.ts';

/** What a server says of a declaration, with the place in the file of each problem. */
export async function placed(err: unknown, { source }: Declaration): Promise<unknown> {
  const { WindlassError } = await import('@windlass/client');
  if (!(err instanceof WindlassError) || err.status !== 400) return err;
  const said = err.problems.map((problem) => {
    const offset = problem.field === undefined ? undefined : offsetOf(source.document.contents, problem.field);
    return offset === undefined ? `${source.file}: ${problemText(problem)}` : `${placeAt(source.file, source.lines, offset)}: ${problemText(problem)}`; // prettier-ignore
  });
  return new CommandError(EXIT.refused, said.join('\n'));
}

/** Where a field begins; of one that is not there, the nearest thing around it. Servers leave `spec` and `body` out or not. */
function offsetOf(root: unknown, field: string): number | undefined {
  const steps = [...field.replace(/^body\./, '').matchAll(/[^.[\]]+/g)].map(([step]) => step);
  const [direct, inSpec] = [walk(root, steps), walk(root, ['spec', ...steps])];
  return (direct.depth > inSpec.depth - 1 ? direct : inSpec).offset;
}

function walk(root: unknown, steps: readonly string[]): { depth: number; offset: number | undefined } {
  let at: unknown = root;
  let offset = isNode(root) ? root.range?.[0] : undefined;
  let depth = 0;
  for (const step of steps) {
    const next = childOf(at, step);
    if (!next) break;
    ({ offset, node: at } = next);
    depth += 1;
  }
  return { depth, offset };
}

/** A key is where a field is; a value is where one of a list is. */
function childOf(at: unknown, step: string): { offset: number | undefined; node: unknown } | undefined {
  if (isMap(at)) {
    const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    return pair && { offset: startOf(pair.key), node: pair.value };
  }
  const node: unknown = isCollection(at) ? at.get(Number(step), true) : undefined;
  return isNode(node) ? { offset: startOf(node), node } : undefined;
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? (node satisfies Node).range?.[0] : undefined);
