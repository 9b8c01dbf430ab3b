import type { AuditChange } from './shapes.ts';

type Leaf = string | number | boolean | null;

/** So many are told; of the rest the number. */
const MOST = 49;
/** Names under which secrets, or texts of people that may hold some, are kept: their values are never told. */
const UNTOLD =
  /pass|secret|token|credential|key|verifier|version|script|sql|statement|env|option|opts|conf|annotation|command|uri|url|dsn|header|service/i;
/** Words that name something; what has spaces, quotes or is long is only said to have changed. */
const PLAIN = /^[A-Za-z0-9][\w.:/-]{0,39}$/;
/** What tells one part of a list from another. */
const NAMES = ['name', 'username', 'id'];

/** Which fields differ, with what they say where that is certainly no secret: sizes, numbers, names of hosts. */
export function changesBetween(before: unknown, after: unknown): AuditChange[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  const fields = [...new Set([...was.keys(), ...is.keys()])].filter((field) => was.get(field) !== is.get(field));
  const changes = fields.sort().map((field) => toChange(field, was.get(field), is.get(field)));
  const more = changes.length - MOST;
  return more > 0 ? [...changes.slice(0, MOST), { field: `and ${String(more)} more` }] : changes;
}

function toChange(path: string, before: Leaf | undefined, after: Leaf | undefined): AuditChange {
  const field = path.slice(0, 200);
  if (UNTOLD.test(path) || ![before, after].every(isPlain)) return { field };
  return { field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

const isPlain = (leaf: Leaf | undefined): boolean => typeof leaf !== 'string' || PLAIN.test(leaf);

/** Everything that has no parts, by the way to it: `spec.nodes[n1].host_ids[0]`. */
function leavesOf(value: unknown, path = '', found = new Map<string, Leaf>()): Map<string, Leaf> {
  if (Array.isArray(value))
    value.forEach((part, at) => leavesOf(part, `${path}[${nameOf(part) ?? String(at)}]`, found));
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) leavesOf(part, path === '' ? name : `${path}.${name}`, found);
  else if (isLeaf(value)) found.set(path, value);
  return found;
}

const isLeaf = (value: unknown): value is Leaf =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function nameOf(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const known = new Map<string, unknown>(Object.entries(part));
  const name = NAMES.map((one) => known.get(one)).find((one) => typeof one === 'string' && PLAIN.test(one));
  return typeof name === 'string' ? name : undefined;
}
