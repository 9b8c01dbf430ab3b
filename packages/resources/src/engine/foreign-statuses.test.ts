import { z } from 'zod';
import { createMemoryKv } from '../store/memory.ts';
import { applyStep } from './apply.ts';
import { entityKey } from './entity-ref.ts';
import { foreignStatuses } from './foreign-statuses.ts';
import { kindFacts, record, want } from './plan.fixtures.ts';
import { plan } from './plan.ts';
import type { Step } from './plan-types.ts';
import { observe } from './refresh.ts';
import { removeRecords } from './remove-records.ts';
import { resourceFactory, type Ref } from './resource.ts';
import { planSentences } from './sentences.ts';
import { ResourceState } from './state.ts';

const node: Ref = { kind: 'thing', id: 'n1', of: { kind: 'database', id: 'shop' } };
const topic: Ref = { kind: 'thing', id: 't', of: { kind: 'stream', id: 'shop' } };
const MINE = { kind: 'thing', id: 'mine' };
const seen: unknown[] = [];

/** Notes the statuses of what it uses of others whenever something is asked of it. */
const user = resourceFactory<object>()({
  kind: 'user',
  version: 1,
  spec: z.strictObject({ name: z.string() }),
  status: z.strictObject({}),
  id: (spec) => spec.name,
  executor: () => ({ on: 'any' }),
  dependsOn: () => [{ ref: node, output: true }, { ref: topic }],
  refresh: (_prior, context) => (look(context), Promise.resolve({ status: {}, drift: [] })),
  create: (_spec, context) => (look(context), Promise.resolve({})),
  update: (_spec, _prior, context) => (look(context), Promise.resolve({})),
  delete: (_prior, context) => (look(context), Promise.resolve()),
});
const look = (context: { status(ref: Ref): unknown }): void =>
  void seen.push([context.status(node), context.status(topic)]);
const wanted = user.want({ name: 'u' });
const stored = (id: string, more: object) => ({ ...record(want(id)), ...more });

async function open() {
  const kv = createMemoryKv();
  const state = new ResourceState(kv, { key: entityKey, ownerOf: (_entity, value) => value as string });
  const put = (key: string, value: unknown) => kv.commit([], [{ put: key, value }]);
  await put(entityKey(MINE), 't1');
  await put('resources/shop/thing::n1', stored('n1', { status: 'first' }));
  await put('resources/stream.shop/thing::t', stored('t', { status: 'of a stream' }));
  const planned = async () => {
    const [current, foreign] = [await state.list(MINE), await foreignStatuses(kv, [wanted])];
    return plan({ current, desired: [wanted], findings: [], foreign, kindFacts });
  };
  const applier = { state, clients: {}, kind: () => user, now: () => new Date(0) };
  const run = { signal: new AbortController().signal, progress: () => undefined };
  const apply = (step: Step | undefined) =>
    applyStep(applier, { entity: MINE, taskId: 't1', step: step as Step, desired: wanted }, run);
  return { kv, state, put, planned, apply, applier, run };
}
beforeEach(() => void seen.splice(0));

test('what a resource uses of other entities is read where they keep it', async () => {
  const { kv } = await open();
  expect(await foreignStatuses(kv, [wanted, want('a'), wanted])).toEqual(
    new Map([
      ['database/shop/thing::n1', 'first'],
      ['stream/shop/thing::t', 'of a stream'],
    ]),
  );
});

test.each([
  ['was never made to its end', { status: undefined, phase: 'failed' }],
  ['is about to be deleted', { phase: 'deleting' }],
])('what %s is not there', async (_name, more) => {
  const { kv, put, planned } = await open();
  await put('resources/shop/thing::n1', stored('n1', more));
  expect([...(await foreignStatuses(kv, [wanted])).keys()]).toEqual(['stream/shop/thing::t']);
  await expect(planned()).rejects.toThrow(`'user::u' needs 'database/shop/thing::n1', which is not there`);
});

test('from create to delete it is given what the others have stored, and runs again when that changes', async () => {
  const { kv, put, planned, apply, state } = await open();
  const before = await kv.list('resources/s');
  expect(await apply((await planned()).steps[0])).toBe('applied');
  expect((await planned()).steps).toEqual([]);
  await put('resources/shop/thing::n1', stored('n1', { status: 'second' }));
  const again = await planned();
  expect(planSentences(again)).toEqual(['update user::u because something it uses changed']);
  expect([await apply(again.steps[0]), await apply(again.steps[0])]).toEqual(['applied', 'unchanged']);
  expect((await planned()).steps).toEqual([]);
  const { steps } = plan({ current: await state.list(MINE), desired: [], findings: [], kindFacts });
  await apply(steps[0]);
  expect(seen).toEqual(['first', 'second', 'second'].map((status) => [status, 'of a stream']));
  expect((await kv.list('resources/')).map((row) => row.key)).toEqual(before.map((row) => row.key));
});

test('a look and the removal of what was left behind are given it as well', async () => {
  const { kv, planned, apply, state, applier, run } = await open();
  await apply((await planned()).steps[0]);
  const records = await state.list(MINE);
  const world = { ...applier, foreign: await foreignStatuses(kv, records) };
  expect(await observe(world, MINE, records, records, run)).toEqual([{ ref: wanted.ref }]);
  await removeRecords(world, { entity: MINE }, records, run);
  expect(seen).toEqual([1, 2, 3].map(() => ['first', 'of a stream']));
});
