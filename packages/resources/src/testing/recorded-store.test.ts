import { aBox } from './a-box.ts';
import { presentForm } from '../engine/present-form.ts';
import { kinds } from '../postgres/kinds/index.ts';
import { DatabaseSpec } from '../postgres/spec/index.ts';
import type { Collection } from '../store/collection.ts';
import type { Kv } from '../store/kv.ts';
import { createMemoryKv } from '../store/memory.ts';
import { migrateStore } from '../store/migrate.ts';
import { MIGRATIONS } from '../store/migrations/index.ts';
import { schemaRecords } from '../store/schema.ts';
import { taskRecords } from '../tasks/index.ts';
import { kindOf } from './apply-all.ts';
import { RECORDED, recordedRows, recordedStore } from './recorded-store.ts';
import type { Leftovers } from '../postgres/records/backup-records.ts';
import type { ResourceRecord, StoredPlan } from '../engine/records.ts';

/** Everything whose records are read through a schema; what begins otherwise has none yet. */
const COLLECTIONS: readonly Pick<Collection<unknown, []>, 'parse' | 'under'>[] = [schemaRecords, taskRecords];
const collectionOf = (key: string) => COLLECTIONS.find((one) => key === keyOf(one) || key.startsWith(one.under()));
const keyOf = (one: (typeof COLLECTIONS)[number]): string => one.under().slice(0, -1);

const present = presentForm((name) => kindOf(kinds, name));

describe.each(RECORDED)('a store of %s, brought to the present version', (release) => {
  let kv: Kv;
  let rows: Awaited<ReturnType<Kv['list']>>;
  beforeAll(async () => {
    kv = await recordedStore(release);
    await migrateStore(kv, { by: 'test', box: aBox(kv), tell: () => undefined });
    rows = await kv.list('');
  });
  const under = (prefix: string) => rows.filter(({ key }) => key.startsWith(prefix));

  it('has lost nothing', () => {
    const known = new Set(rows.map(({ key }) => key));
    expect(recordedRows(release).filter(([key]) => !known.has(key))).toEqual([]);
    expect(rows.length).toBeGreaterThan(200);
  });

  it('is read by every collection', () => {
    const read = rows.flatMap(({ key, value }) => collectionOf(key)?.parse(value, key) ?? []);
    expect(read.length).toBeGreaterThan(20);
  });

  it('needs no migration again', async () => {
    for (const { prefix, change } of MIGRATIONS)
      for (const { key, value } of under(prefix)) expect(await change(key, value, aBox(createMemoryKv()))).toEqual([]);
  });

  it('has resources that their kinds know', () => {
    const left = under('leftovers/').flatMap(({ value }) => (value as Leftovers).records);
    const records = [...under('resources/').map(({ value }) => value as ResourceRecord), ...left];
    expect(records.length).toBeGreaterThan(100);
    for (const record of records) {
      const { spec, status, ref } = present('shop', record);
      const kind = kindOf(kinds, ref.kind);
      expect([ref, kind.spec.safeParse(spec).error]).toEqual([ref, undefined]);
      if (status !== undefined) expect([ref, kind.status.safeParse(status).error]).toEqual([ref, undefined]);
    }
  });

  it('has specs that are valid', () => {
    const specs = under('specs/').map(({ value }) => (value as { readonly spec: unknown }).spec);
    expect(specs.length).toBeGreaterThan(5);
    for (const spec of specs) expect(DatabaseSpec.safeParse(spec).error).toBeUndefined();
  });

  it('has what each step of a plan applies', () => {
    const plans = under('plans/').filter(({ key }) => key.split('/').length === 3);
    expect(plans.length).toBeGreaterThan(2);
    const known = new Set(rows.map(({ key }) => key));
    for (const { key, value } of plans)
      for (const { action, ref } of (value as StoredPlan).steps)
        expect([`${key}/${ref.kind}::${ref.id}`, known.has(`${key}/${ref.kind}::${ref.id}`)]).toEqual([`${key}/${ref.kind}::${ref.id}`, action !== 'delete']); // prettier-ignore
  });
});
