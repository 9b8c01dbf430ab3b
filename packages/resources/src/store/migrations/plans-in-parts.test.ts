import { aBox } from '../../testing/a-box.ts';
import { createMemoryKv } from '../memory.ts';
import { migrateStore } from '../migrate.ts';
import { plansInParts } from './plans-in-parts.ts';

const KEY = 'plans/shop/t1';
const step = (action: string, id: string) => ({ action, ref: { kind: 'thing', id }, reason: 'missing', fields: [], executor: { on: 'any' }, after: [] }); // prettier-ignore
const desired = (id: string) => ({ ref: { kind: 'thing', id }, version: 1, spec: { id }, dependsOn: [] });

test('what a step applies gets a key of its own; the plan keeps everything else', async () => {
  const kv = createMemoryKv();
  const plan = { steps: [step('create', 'a'), step('delete', 'b')], sentences: ['create thing::a'], createdAt: 'now' };
  await kv.commit([], [{ put: KEY, value: { ...plan, desired: [desired('a'), desired('unchanged')] } }]);
  await migrateStore(kv, { by: 'x', box: aBox(kv), tell: () => undefined, migrations: [plansInParts] });
  expect((await kv.list('plans/')).map(({ key, value }) => [key, value])).toEqual([
    [KEY, plan],
    [`${KEY}/thing::a`, desired('a')],
  ]);
});

test('a plan with more steps than etcd takes in one transaction', async () => {
  const kv = createMemoryKv();
  const ids = Array.from({ length: 400 }, (_none, i) => String(i));
  const plan = { steps: ids.map((id) => step('create', id)), sentences: [], createdAt: 'now' };
  await kv.commit([], [{ put: KEY, value: { ...plan, desired: ids.map(desired) } }]);
  await migrateStore(kv, { by: 'x', box: aBox(kv), tell: () => undefined, migrations: [plansInParts] });
  expect((await kv.list(`${KEY}/`)).length).toBe(400);
  expect((await kv.get(KEY))?.value).toEqual(plan);
});

test('plans that are in parts, and the parts, are left as they are', () => {
  expect(plansInParts.change(KEY, { steps: [], sentences: [], createdAt: 'now' })).toEqual([]);
  expect(plansInParts.change(`${KEY}/thing::a`, desired('a'))).toEqual([]);
});
