import { span } from '../output/quantities.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** So long before its end a certificate is named. */
const SOON_S = 14 * 86_400;

/** How long each certificate is good, by its name. `where` is whose they are. */
export function lookAtEnds(where: string, ends: Readonly<Record<string, unknown>>, now = Date.now()): Finding[] {
  const known = Object.entries(ends).flatMap(([name, end]) =>
    typeof end === 'string' && !Number.isNaN(Date.parse(end)) ? [{ name, end, left: (Date.parse(end) - now) / 1000 }] : [],
  ); // prettier-ignore
  const bad = known.filter(({ left }) => left <= SOON_S);
  const [first] = [...known].sort((a, b) => a.left - b.left);
  if (bad.length === 0)
    return first ? [ok(`${where}: certificates`, `the first one to end is '${first.name}', in ${span(first.left)} (${first.end})`)] : []; // prettier-ignore
  return bad.map(({ name, end, left }) => {
    const what = `${where}: certificate '${name}'`;
    return left <= 0
      ? fail(what, `expired ${span(left)} ago, at ${end}`, fixOf(name))
      : warn(what, `ends in ${span(left)}, at ${end}`, fixOf(name));
  });
}

const fixOf = (name: string): string =>
  name.startsWith('instance ')
    ? 'update its database, which renews it: windlass get databases, then windlass apply'
    : name === 'ca'
      ? 'a new authority is needed, and with it every certificate'
      : 'make a new one of the same authority, and restart what uses it';
