import type { Step } from '../../engine/plan-types.ts';
import type { Desired } from '../../engine/resource.ts';
import { outageNotes } from './outages.ts';

const ref = (id: string) => ({ kind: 'postgres.settings', id });
const member = (id: string, group = 'shop:n1') => ({ ref: ref(id), rolling: { group, member: id } }) as Desired;
const interrupt = (id: string) => ({ ref: ref(id), interrupts: true }) as Step;
const primaries = new Map([['shop:n1', 'b']]);
const notes = (ids: string[], members = ['a', 'b', 'c']) =>
  outageNotes(ids.map(interrupt), members.map((id) => member(id)), primaries); // prettier-ignore

test.each([
  ['nothing is interrupted', [], undefined, []],
  ['only replicas are', ['a', 'c'], undefined, ["writers of 'shop:n1' notice nothing: only replicas are interrupted"]],
  ['the primary is last', ['a', 'c', 'b'], undefined, [expect.stringContaining('of about a second')]],
  ['only the primary is', ['b'], undefined, [expect.stringContaining('of about a second')]],
  ['the primary has to go first', ['b', 'a', 'c'], undefined, [expect.stringContaining('a limit is lowered')]],
  ['the primary leaves', [], ['a', 'c'], [expect.stringContaining('of about a second: the primary leaves')]],
  [
    'the primary leaves, and a replica is interrupted',
    ['a'],
    ['a', 'c'],
    [expect.stringContaining('the primary leaves')],
  ],
  ['the node goes as a whole', [], [], []],
  ['there is nobody else', ['b'], ['b'], [expect.stringContaining('no replica that could take over')]],
] as const)('what writers see when %s', (_when, ids, members, expected) => {
  expect(notes([...ids], members && [...members])).toEqual(expected);
});
