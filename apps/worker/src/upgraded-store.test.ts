import { workOf } from '@windlass/activities';
import { plan, ResourceState, planSentences } from '@windlass/resources/engine';
import { databaseEntity, entityFence } from '@windlass/resources/entity';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { migrateStore, type Kv } from '@windlass/resources/store';
import { aBox, createFakeClients, RECORDED, recordedStore } from '@windlass/resources/testing';
import { kindOf, present } from './deps.ts';

const kindFacts = (name: string) => {
  const { immutable = [], update, interrupts, leads } = kindOf(name);
  return { immutable, updatable: update !== undefined, ...(interrupts && { interrupts }), ...(leads && { leads }) };
};
/** What an update that changes nothing would do, where the world is as it is stored. */
async function planOf(kv: Kv, databaseId: string) {
  const entity = databaseEntity(databaseId);
  const state = new ResourceState(kv, entityFence, present);
  const revision = (await databaseSpecs.get(kv, databaseId))?.revision ?? 0;
  const current = await state.list(entity);
  const deps = { kv, clients: await createFakeClients('/unused') };
  const desired = await workOf(entity.kind).desired(deps, entity, { declared: { revision }, current });
  return plan({ current, desired, findings: [], kindFacts });
}

describe.each(RECORDED)('databases of %s, upgraded', (release) => {
  let kv: Kv;
  beforeAll(async () => {
    kv = await recordedStore(release);
    await migrateStore(kv, { by: 'test', box: aBox(kv), tell: () => undefined });
  });

  const hba = 'because its spec changed (pgHba, pgIdent)';
  it.each([
    ['back', [`update patroni.cluster::back:n1 ${hba}`, `update postgres.settings::back-n1-689qacsi ${hba}`]],
    [
      'shop', // one of its instances is stopped
      [
        'create postgres.trial::shop-n1-689qacsi because it does not exist',
        'create postgres.trial::shop-n1-9ptayhma because it does not exist',
        `update patroni.cluster::shop:n1 ${hba}`,
        'update patroni.members::shop:n1 because its spec changed (members)',
        `update postgres.settings::shop-n1-9ptayhma ${hba}`,
      ],
    ],
  ])('%s: the next update changes who may look, in place, and interrupts nobody', async (id, sentences) => {
    const { steps } = await planOf(kv, id);
    expect(planSentences({ steps })).toEqual(sentences);
    expect(steps.filter(({ interrupts }) => interrupts)).toEqual([]);
  });
});
