import { aBox } from '../../testing/a-box.ts';
import { keys } from '../keys.ts';
import type { Kv } from '../kv.ts';
import { createMemoryKv } from '../memory.ts';
import { migrateStore } from '../migrate.ts';
import { encrypt } from '../secrets/cipher.ts';
import { dataKeyRecords } from '../secrets/key-records.ts';
import { createSecrets } from '../secrets/secrets.ts';
import { secretsByOwner } from './secrets-by-owner.ts';

const NAMES = ['database/a/user/x', 'database/a/user/y', 'database/b/user/x', 'backups/a/r', 'swarm/join'];

/** As the first release sealed: a data key of its own, wrapped by the master key, both bound to the name. */
function firstSealed(name: string, text: string, master = Buffer.alloc(32, 1)) {
  const dataKey = Buffer.alloc(32, 9);
  return { v: 1, key: encrypt(master, name, dataKey), text: encrypt(dataKey, name, Buffer.from(text)) };
}
async function older(): Promise<Kv> {
  const kv = createMemoryKv();
  const values = NAMES.map((name) => ({ put: keys.secret(name), value: firstSealed(name, `of ${name}`) }));
  await kv.commit([], [...values, { put: keys.secret('database/a/lost'), value: firstSealed('x', 'x', Buffer.alloc(32, 2)) }]); // prettier-ignore
  return kv;
}
const migrate = (kv: Kv) =>
  migrateStore(kv, { by: 'x', tell: () => undefined, box: aBox(kv), migrations: [{ ...secretsByOwner, version: 1 }], lockSeconds: 0.01, lookAgainMs: 1 }); // prettier-ignore

async function expectMigrated(kv: Kv): Promise<void> {
  const secrets = createSecrets(kv, aBox(kv));
  expect(await Promise.all(NAMES.map((name) => secrets.get(name)))).toEqual(NAMES.map((name) => `of ${name}`));
  const rows = await kv.list('secrets/');
  expect(rows.filter(({ value }) => (value as { v: number }).v === 1).map(({ key }) => key)).toEqual(['secrets/database/a/lost']); // prettier-ignore
  expect((await dataKeyRecords.list(kv, [])).map(({ id }) => id.join('/'))).toEqual(['backups/a', 'cluster/cluster', 'database/a', 'database/b']); // prettier-ignore
}

test('what the first release sealed opens before and after, and what no key opens stays as it is', async () => {
  const kv = await older();
  expect(await createSecrets(kv, aBox(kv)).get('database/a/user/x')).toBe('of database/a/user/x');
  await migrate(kv);
  await expectMigrated(kv);
  await expect(createSecrets(kv, aBox(kv)).get('database/a/lost')).rejects.toThrow(
    "the secret 'database/a/lost' cannot be opened: no master key that is here fits",
  );
});

test('who is killed at any transaction is followed by another, which goes on where it ended', async () => {
  let deaths = 0;
  for (let n = 0; ; n += 1) {
    const kv = await older();
    let left = n;
    const dying: Kv = { ...kv, commit: (...args) => (left-- > 0 ? kv.commit(...args) : Promise.reject(new Error('killed'))) }; // prettier-ignore
    const died = await migrate(dying).then(
      () => false,
      () => true,
    );
    if (!died) break;
    deaths += 1;
    await migrate(kv);
    await expectMigrated(kv);
  }
  expect(deaths).toBeGreaterThan(NAMES.length);
});
