import type { Desired, Step } from '@windlass/resources/engine';
import type { Executor } from '@windlass/resources/plan';
import { giveUp } from './give-up.ts';
import type { ResourceRecord } from '@windlass/resources/records';

const on = (hostId: string): Executor => ({ on: 'host', hostId });
const record = (id: string, executor: Executor) => ({ ref: { kind: 'test', id }, executor }) as ResourceRecord;
const step = (action: Step['action'], id: string, executor: Executor) =>
  ({ action, ref: { kind: 'test', id }, executor, reason: 'not_desired', fields: [], after: [] }) as unknown as Step;
const wanted = (id: string, executor: Executor) => ({ ref: { kind: 'test', id }, executor }) as Desired;
const ids = (of: readonly { ref: { id: string } }[] | readonly { id: string }[]) =>
  of.map((one) => ('ref' in one ? one.ref.id : one.id));

test('what is to be removed from a host that is gone is given up; what may come back is waited for', () => {
  const later = [step('delete', 'a', on('gone')), step('delete', 'b', on('away')), step('create', 'c', on('gone'))];
  const current = [
    record('a', on('gone')),
    record('b', on('away')),
    record('d', { on: 'any' }),
    record('e', on('gone')),
  ];
  const { later: left, givenUp } = giveUp(later, current, [wanted('c', on('gone')), wanted('e', on('gone'))], ['gone']);
  expect(ids(left)).toEqual(['b', 'c']);
  expect(ids(givenUp)).toEqual(['a']);
});

test('without a host that is gone nothing is given up', () => {
  const later = [step('delete', 'a', on('away'))];
  expect(giveUp(later, [record('a', on('away'))], [], [])).toEqual({ later, givenUp: [] });
});
