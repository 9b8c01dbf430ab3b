import { z } from 'zod';
import { databaseEntity } from './index.ts';
import { partOf, refKey, resourceRecords } from '../engine/index.ts';
import { databaseRecords, leftoverRecords } from '../postgres/records/index.ts';
import { createMemoryKv } from '../store/memory.ts';
import { applyStep } from '../engine/apply.ts';
import { migrateResources } from './migrate-resources.ts';
import { plan } from '../engine/plan.ts';
import { presentForm } from '../engine/present-form.ts';
import { resourceFactory, type AnyResource } from '../engine/resource.ts';
import { ResourceState, type Fence } from '../engine/state.ts';
import type { Leftovers } from '../postgres/records/backup-records.ts';
import type { ResourceRecord } from '../engine/records.ts';

const seen: unknown[] = [];
/** Sails got a number, then a colour. */
const sail: AnyResource<object> = resourceFactory<object>()({
  kind: 'ship.sail',
  version: 3,
  migrations: [
    ({ spec, status }, entityId) => ({ spec: { ...spec, ship: entityId }, status: status && { set: true } }),
    ({ spec, status }) => ({ spec: { ...spec, colour: 'white' }, status }),
  ],
  spec: z.strictObject({ id: z.string(), ship: z.string(), colour: z.string() }),
  status: z.strictObject({ set: z.boolean() }),
  id: (s) => s.id,
  executor: (s) => ({ on: 'host', hostId: s.ship }),
  refresh: (prior) => Promise.resolve(prior.status && { status: prior.status, drift: [] }),
  create: () => Promise.resolve({ set: true }),
  update: (_s, prior) => {
    seen.push(prior);
    return Promise.resolve({ set: true });
  },
  delete: () => Promise.resolve(),
});

const record = (version: number, spec: unknown, kind = 'ship.sail'): ResourceRecord => ({
  ref: { kind, id: 'main' },
  version,
  spec,
  status: version === 1 ? {} : { set: true },
  executor: { on: 'any' },
  dependsOn: [],
  within: undefined,
  phase: 'ready',
  inputsHash: '',
  taskId: 't0',
  updatedAt: '',
});
const kind = (name: string): AnyResource<object> => {
  if (name === 'ship.sail') return sail;
  throw new Error(`no kind ${name}`);
};
const present = presentForm(kind);
const NOW = { id: 'main', ship: 'argo', colour: 'white' };
const ARGO = { kind: 'database', id: 'argo' };
const fence: Fence = { key: ({ id }) => databaseRecords.key(id), ownerOf: (_entity, value) => value as string };

async function storeWith(...records: ResourceRecord[]) {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: databaseRecords.key('argo'), value: 't1' }]);
  for (const one of records)
    await kv.commit([], [{ put: resourceRecords.key(partOf(databaseEntity('argo')), refKey(one.ref)), value: one }]);
  return { kv, state: new ResourceState(kv, fence, present) };
}

test('a record of any older version is read in the present form, with the place it has today', async () => {
  for (const [version, spec] of [[1, { id: 'main' }], [2, { id: 'main', ship: 'argo' }]] as const) {
    const { state } = await storeWith(record(version, spec));
    const [now] = await state.list(ARGO);
    expect(now).toMatchObject({ version: 3, appliedVersion: version, spec: NOW, status: { set: true }, executor: { on: 'host', hostId: 'argo' } }); // prettier-ignore
    expect((await state.get(ARGO, record(1, {}).ref))?.value).toEqual(now);
  }
}); // prettier-ignore

test('one of a newer program is refused, in words', async () => {
  const { state } = await storeWith(record(4, { id: 'main' }));
  await expect(state.list(ARGO)).rejects.toMatchObject({
    code: 'record_unreadable',
    message:
      "'ship.sail::main' was stored by a newer program, as version 4 of its kind; this one knows version 3: start the newer program " +
      'again on this host',
  });
});

test('what an older version applied is applied again once: the update gets the present form, and then nothing is left to do', async () => {
  const { kv, state } = await storeWith(record(1, { id: 'main' }));
  const desired = [sail.want(NOW)];
  const kindFacts = () => ({ immutable: [], updatable: true });
  const planned = async () => plan({ current: await state.list(ARGO), desired, findings: [], kindFacts }).steps;
  const [step] = await planned();
  if (!step) throw new Error('there is nothing to do');
  expect(step).toMatchObject({ action: 'update', reason: 'spec_changed', fields: [] });
  const run = { signal: new AbortController().signal, progress: () => undefined };
  const input = { entity: ARGO, taskId: 't1', step, desired: desired[0] };
  await applyStep({ state, clients: {}, kind, now: () => new Date() }, input, run);
  expect(seen).toEqual([{ spec: NOW, status: { set: true } }]);
  expect(
    (await kv.get(resourceRecords.key(partOf(databaseEntity('argo')), refKey(step.ref))))?.value,
  ).not.toHaveProperty('appliedVersion');
  expect(await planned()).toEqual([]);
});

test('every stored resource, and what is left on the own host, is brought into the present form once', async () => {
  const other = { ...record(1, {}, 'unknown.kind'), ref: { kind: 'unknown.kind', id: 'x' } };
  const newer = { ...record(4, {}), ref: { kind: 'ship.sail', id: 'newer' } };
  const { kv } = await storeWith(record(1, { id: 'main' }), other, newer);
  const left: Leftovers = { databaseId: 'gone', records: [record(1, { id: 'main' })], since: '' };
  const leftovers = ['host-1', 'host-2'].map((id) => ({ put: leftoverRecords.key(id, 'gone'), value: left }));
  await kv.commit([], leftovers);
  expect(await migrateResources(kv, 'host-1', present)).toBe(2);
  expect(
    (await kv.get(resourceRecords.key(partOf(databaseEntity('argo')), refKey(record(1, {}).ref))))?.value,
  ).toMatchObject({ version: 3, spec: NOW });
  expect((await kv.get(resourceRecords.key(partOf(databaseEntity('argo')), refKey(other.ref))))?.value).toMatchObject({
    version: 1,
  });
  expect((await kv.get(resourceRecords.key(partOf(databaseEntity('argo')), refKey(newer.ref))))?.value).toMatchObject({
    version: 4,
  });
  const leftOn = async (id: string) => ((await kv.get(leftoverRecords.key(id, 'gone')))?.value as Leftovers).records[0];
  expect(await leftOn('host-1')).toMatchObject({ version: 3, spec: { ...NOW, ship: 'gone' } });
  expect(await leftOn('host-2')).toMatchObject({ version: 1 });
  expect(await migrateResources(kv, 'host-1', present)).toBe(0);
});
