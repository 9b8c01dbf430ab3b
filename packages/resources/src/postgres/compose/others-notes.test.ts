import type { Finding, Step } from '../../engine/plan-types.ts';
import type { Desired } from '../../engine/resource.ts';
import { othersNotes, unseenNotes } from './others-notes.ts';

const NODE = { kind: 'patroni.members', id: 'shop:n1' };
const settings = (id: string) => ({ kind: 'postgres.settings', id });
const member = (id: string) => ({ ref: settings(id), rolling: { group: 'shop:n1', member: id } }) as Desired;
const interrupt = (id: string) => ({ ref: settings(id), interrupts: true }) as Step;
const slot: Finding = { ref: NODE, missing: false, drift: [], notes: ['slot stays'] };
const primaries = new Map([['shop:n1', 'b']]);
const notes = (steps: Step[], members = ['a', 'b'], looked = [slot]) =>
  othersNotes(steps, members.map(member), looked, primaries); // prettier-ignore

test.each([
  ['nothing is interrupted', [], ['a', 'b'], []],
  ['only a replica is', [interrupt('a')], ['a', 'b'], []],
  ['the primary is, and another can take over', [interrupt('b')], ['a', 'b'], ['slot stays']],
  ['the primary is, and is alone: it stays the primary', [interrupt('b')], ['b'], []],
  ['the primary leaves', [], ['a', 'c'], ['slot stays']],
])('what a change of the primary costs is said when %s', (_, steps, members, expected) => {
  expect(notes(steps, members)).toEqual(expected);
});

test('what is reset is said with the step that resets it', () => {
  const looked = [{ ref: settings('a'), missing: false, drift: ['parameters.work_mem'], notes: ['is reset'] }];
  expect(notes([{ ref: settings('a') } as Step], undefined, looked)).toEqual(['is reset']);
  expect(notes([], undefined, looked)).toEqual([]);
});

const unseen = (steps: Step[], looked: Finding[], desired = [member('a')]) => unseenNotes(steps, desired, looked);
const silent = { ref: settings('a'), missing: false, drift: [], unreachable: 'Postgres does not answer' };

test('what could not be looked at is said, but where something is done about it', () => {
  expect(unseen([], [silent])).toEqual(['postgres.settings::a could not be looked at: Postgres does not answer']);
  expect(unseen([{ ref: settings('a') } as Step], [silent])).toEqual([]);
});

test('of what is to be stopped, or is not wanted, nobody expects an answer', () => {
  expect(unseen([], [silent], [{ ...member('a'), paused: true }])).toEqual([]);
  const within = { ...member('a'), within: NODE };
  expect(unseen([], [silent], [within, { ref: NODE, stopped: true } as Desired])).toEqual([]);
  expect(unseen([], [silent], [within, { ref: NODE } as Desired])).toHaveLength(1);
  expect(unseen([], [silent], [member('b')])).toEqual([]);
});
