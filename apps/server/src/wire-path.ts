import { WireError } from './wire-error.ts';

const MAX_LENGTHS: Readonly<Record<string, number>> = { database_id: 36, host_id: 36, instance_id: 63 };
const NODE_NAME = 'n[0-9]+';

/** The schema of path parameters: lengths and the form of node names, before anything is looked up. */
export function checkPath(params: Readonly<Record<string, string>>): void {
  for (const [name, max] of Object.entries(MAX_LENGTHS)) {
    const value = params[name];
    if (value !== undefined) checkLength(name, value, max);
  }
  const node = params['node_name'];
  if (node === undefined || new RegExp(NODE_NAME).test(node)) return;
  throw new WireError(
    'invalid_pattern',
    `node_name must match the regexp "${NODE_NAME}" but got value "${node.slice(0, 64)}"`,
  );
}

function checkLength(name: string, value: string, max: number): void {
  const length = [...value].length;
  if (length >= 1 && length <= max) return;
  const rule = length < 1 ? 'greater or equal than 1' : `lesser or equal than ${String(max)}`;
  throw new WireError(
    'invalid_length',
    `length of ${name} must be ${rule} but got value "${value.slice(0, 64)}" (len=${String(length)})`,
  );
}
