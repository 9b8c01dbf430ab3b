import { database, done, remove } from './client.ts';
import { ask, leftBy, originOf, restored, specOf, undo } from './restore-client.ts';
import { sideBySide } from './side-by-side.ts';
import { ENV } from './stack.ts';
import { addTablespace, backUp, backups, conditions, count, location, PASSWORD } from './tablespaces.ts';
import { versionOf } from './versions.ts';

const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);

sideBySide('a tablespace of Postgres', MAJORS, (major, { beforeAll, afterAll, test }) => {
  const id = `spaced${String(major)}`;
  const clone = `${id}-clone`;
  beforeAll(async () => {
    await done(id, 'POST', '/v1/databases', {
      id,
      spec: specOf(PASSWORD, { postgres_version: await versionOf(major) }),
    });
    await addTablespace(id, 'fast', 'orders');
    await backUp(id);
  });
  afterAll(async () => {
    await remove(id);
    await remove(clone).catch(() => undefined);
  });

  test('is restored with the data, and undone, and its next backup works; one made after the backup comes and goes, too', async () => {
    await addTablespace(id, 'late', 'later');
    await ask(id, PASSWORD, 'DELETE FROM orders WHERE id > 900');
    const [first] = await backups(id);
    await restored(id, { set: first?.label ?? '', type: 'immediate' });
    expect([await count(id, 'orders'), await location(id, 'late')]).toEqual(['1000', '']);
    await ask(id, PASSWORD, 'UPDATE orders SET text = text');
    await backUp(id, 'incr');

    await undo(id);
    expect([await count(id, 'orders'), await count(id, 'later')]).toEqual(['900', '1000']);
    expect(await location(id, 'fast')).toBe('/windlass/data/fast');

    await restored(id, {});
    expect([await count(id, 'orders'), await count(id, 'later')]).toEqual(['900', '1000']);
    expect(await location(id, 'late')).toMatch(/^\/windlass\/data\/tablespaces\.[-0-9a-f]+\/made\/late$/);
    expect([await leftBy(id), (await database(id)).state, await conditions(id)]).toEqual(['', 'available', []]);
    await backUp(id);
  });

  test('is in a new database that begins with a backup, whose own backups work', async () => {
    const spec = specOf(PASSWORD, {
      database_name: 'copy',
      restore_config: originOf(id),
      postgres_version: await versionOf(major),
    });
    await done(clone, 'POST', '/v1/databases', { id: clone, spec }, 120_000);
    const rows = (table: string) => ask(clone, PASSWORD, `SELECT count(*) FROM ${table}`, 'app', 'copy');
    expect([await rows('orders'), await rows('later')]).toEqual(['900', '1000']);
    await backUp(clone);
    expect(await leftBy(clone)).toBe('');
  });

  test('is verified: the backup is good', async () => {
    const label = (await backups(id)).at(-1)?.label ?? '';
    await done(id, 'POST', `/v1/databases/${id}/nodes/n1/backups/${label}/verify`, undefined, 120_000);
    expect((await backups(id)).at(-1)).toMatchObject({ label, verified: true });
    expect(await conditions(id)).toEqual([]);
  });
});
