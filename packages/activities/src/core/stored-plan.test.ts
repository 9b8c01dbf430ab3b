import { partOf, planRecords, type Desired, type Step } from '@windlass/resources/engine';
import { databaseEntity } from '@windlass/resources/entity';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { partFor, storePlan } from './stored-plan.ts';
import type { StoredPlan } from '@windlass/resources/records';

const task = { entity: { kind: 'database', id: 'shop' }, taskId: 't1' };
const step = (id: string, action: Step['action'] = 'create'): Step => ({
  ...{ action, ref: { kind: 'thing', id }, reason: 'missing', fields: [], after: [] },
  executor: { on: 'any' },
});
const wanted = (id: string, spec: unknown = { id }): Desired => ({
  ...{ ref: { kind: 'thing', id }, version: 1, spec, dependsOn: [] },
  executor: { on: 'any' },
});
const plan = (...steps: Step[]): StoredPlan => ({ steps, sentences: [], createdAt: '2026-01-01T00:00:00Z' });
const whole = planRecords.key(partOf(databaseEntity('shop')), 't1');
const megabyte = 'x'.repeat(1_000_000);

/** A store that counts commits and refuses those from the given one on. */
function failing(from: number): Kv {
  const kv = createMemoryKv();
  let commits = 0;
  const commit: Kv['commit'] = (...args) =>
    ++commits >= from ? Promise.reject(new Error('away')) : kv.commit(...args);
  return { ...kv, commit };
}

test('a step reads what it applies; nothing is kept of what has no step', async () => {
  const kv = createMemoryKv();
  await storePlan(kv, task, plan(step('a'), step('b', 'delete')), [wanted('a'), wanted('c')]);
  expect((await kv.list('plans/')).map((row) => row.key)).toEqual([whole, `${whole}/thing::a`]);
  expect(await partFor(kv, task, step('a'))).toEqual(wanted('a'));
  expect(await partFor(kv, task, step('b', 'delete'))).toBeUndefined();
});

test('a plan larger than a request may be is there when all of its parts are', async () => {
  const desired = ['a', 'b', 'c'].map((id) => wanted(id, megabyte));
  const steps = desired.map((d) => step(d.ref.id));
  const kv = createMemoryKv();
  await storePlan(kv, task, plan(...steps), desired);
  expect((await kv.get(whole))?.value).toMatchObject({ steps: [{}, {}, {}] });
  const broken = failing(4);
  await expect(storePlan(broken, task, plan(...steps), desired)).rejects.toThrow('away');
  expect((await broken.list('plans/')).length).toBeGreaterThan(0);
  expect(await broken.get(whole)).toBeUndefined();
});

test('while a large plan is made again the one before is not taken for it', async () => {
  const kv = failing(3);
  await storePlan(kv, task, plan(step('a')), [wanted('a')]);
  const desired = ['a', 'b'].map((id) => wanted(id, megabyte));
  await expect(storePlan(kv, task, plan(step('a'), step('b')), desired)).rejects.toThrow('away');
  expect(await kv.get(whole)).toBeUndefined();
});

test('a plan that an older version stored whole is still carried out', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: whole, value: { ...plan(step('a'), step('b')), desired: [wanted('a'), wanted('b')] } }]);
  expect(await partFor(kv, task, step('b'))).toEqual(wanted('b'));
});

test('a task whose plan is gone does nothing', async () => {
  await expect(partFor(createMemoryKv(), task, step('a'))).rejects.toMatchObject({ code: 'stale_task' });
});
