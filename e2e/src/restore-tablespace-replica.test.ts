import { accept, done, remove } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { completed, restored, specOf, undo } from './restore-client.ts';
import { bash, ENV, HOST, until } from './stack.ts';

const ID = 'spaced-pair';
const node = replicatedNode(ID);

beforeAll(async () => {
  await startHost('host-2', Number(ENV.WINDLASS_PORT_MAX) + 10);
  const spec = specOf('pw-app', { nodes: [{ name: 'n1', host_ids: [HOST, 'host-2'] }] });
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, 120_000);
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await forgetHost('host-2');
});

const inside = async (instanceId: string, command: string): Promise<string> =>
  (await bash(`docker exec ${await node.container(instanceId)} ${command}`)).trim();
const asSuperuser = async (text: string): Promise<string> =>
  inside(await node.primary(), `psql -h /tmp -U windlass -d shop -Atqc "${text}"`);

/** Every member has so many rows in the tablespace, in files of its own. */
async function everywhere(rows: number): Promise<void> {
  await node.allWell(2);
  for (const { id } of await node.instances()) {
    const count = 'psql -h /tmp -U windlass -d shop -Atqc "SELECT count(*) FROM public.orders"';
    await until(`${String(rows)} rows on ${id}`, async () => (await inside(id, count)) === String(rows));
  }
}

test('replicas copy a restored tablespace, and the former one again after undo; nothing of the other is left with them', async () => {
  for (const { id } of await node.instances()) await inside(id, 'mkdir -m 700 /windlass/data/fast');
  await asSuperuser("CREATE TABLESPACE fast LOCATION '/windlass/data/fast'");
  await asSuperuser('CREATE TABLE public.orders TABLESPACE fast AS SELECT generate_series(1, 1000) AS i');
  await completed(ID, await accept('POST', `/v1/databases/${ID}/nodes/n1/backups`, { type: 'full' }));
  await asSuperuser('DELETE FROM public.orders WHERE i > 100');
  const [replica = ''] = await node.replicas();
  const places = () =>
    inside(replica, "sh -c 'cd /windlass/data && ls -d fast/PG_* tablespaces.*/*/PG_* 2>/dev/null || true'");

  await restored(ID, { type: 'immediate' });
  await everywhere(1000);
  expect(await places()).toMatch(/^tablespaces\.[-0-9a-f]+\/\d+\/PG_\S+$/);

  await undo(ID);
  await everywhere(100);
  expect(await places()).toMatch(/^fast\/PG_\S+$/);
}, 600_000);
