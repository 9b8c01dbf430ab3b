import { DomainError } from '../errors/index.ts';
import { observe, type Observer } from './refresh.ts';
import type { AnyResource } from './resource.ts';
import type { ResourceRecord } from './records.ts';

const record = (id: string): ResourceRecord => ({
  ref: { kind: 'test', id },
  version: 1,
  spec: {},
  status: {},
  executor: { on: 'any' },
  dependsOn: [],
  phase: 'ready',
  inputsHash: '',
  taskId: 't1',
  updatedAt: '2026-01-01T00:00:00Z',
  within: undefined,
});

/** Resources that are as they should be, but for those that hang; these do not heed their signal. */
const observer = (hangs: readonly string[]): Observer<object> => {
  const refresh = (_prior: unknown, { owner }: { owner: { ref: { id: string } } }): Promise<unknown> =>
    hangs.includes(owner.ref.id) ? new Promise(() => undefined) : Promise.resolve({ status: {}, drift: [] });
  const kind = { spec: { parse: (spec: unknown) => spec }, refresh } as unknown as AnyResource<object>;
  return { clients: {}, kind: () => kind };
};
const run = { signal: new AbortController().signal, progress: () => undefined };

test('a look that hangs is given up and becomes a finding; the others are what they are', async () => {
  const all = [record('a'), record('b')];
  const found = await observe(observer(['a']), { kind: 'database', id: 'shop' }, all, all, run, 20);
  const unreachable = 'it did not answer within 0.02 s';
  expect(found).toEqual([
    { ref: { kind: 'test', id: 'a' }, finding: { ref: { kind: 'test', id: 'a' }, missing: false, drift: [], unreachable } },
    { ref: { kind: 'test', id: 'b' } },
  ]); // prettier-ignore
});

/** One resource, whose looks fail after so many ms each, in turn; after those they succeed. */
function failing(...afterMs: readonly number[]): { readonly observer: Observer<object>; readonly looks: () => number } {
  let looks = 0;
  const refresh = async (): Promise<unknown> => {
    const after = afterMs[looks++];
    if (after === undefined) return { status: {}, drift: [] };
    await jest.advanceTimersByTimeAsync(after);
    throw new DomainError('postgres_unavailable', 'timeout expired');
  };
  const kind = { spec: { parse: (spec: unknown) => spec }, refresh } as unknown as AnyResource<object>;
  return { observer: { clients: {}, kind: () => kind }, looks: () => looks };
}

test.each([
  ['ran into a time limit is tried once more', [3000], 2, undefined],
  ['was refused at once is not', [5], 1, 'timeout expired'],
  ['runs into one again is a finding', [3000, 3000], 2, 'timeout expired'],
])('a look that %s', async (_what, afterMs, times, unreachable) => {
  jest.useFakeTimers();
  const { observer: failingAt, looks } = failing(...afterMs);
  const [found] = await observe(failingAt, { kind: 'database', id: 'shop' }, [record('a')], [record('a')], run);
  jest.useRealTimers();
  expect([looks(), found?.finding?.unreachable]).toEqual([times, unreachable]);
});
