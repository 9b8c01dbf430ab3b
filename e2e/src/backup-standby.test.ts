import { accept, done, ended, get, remove, type Task } from './client.ts';
import { forgetHost, killWorker, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { bash, ENV, HOME, HOST, processCommand, until } from './stack.ts';

const ID = 'b-standby';
const HOSTS = [HOST, 'host-2', 'host-3'];
const BACKUPS = `/v1/databases/${ID}/nodes/n1/backups`;
const SHARED = `${HOME}/volumes/standby`;
const TASK_MS = 120_000;
const node = replicatedNode(ID);

type Noted = Task & { readonly instance_id?: string };
interface Backup {
  readonly label: string;
  readonly repository_id: string;
  readonly verified?: boolean;
}
const backups = async (): Promise<readonly Backup[]> => (await get<{ backups: Backup[] }>(BACKUPS)).backups;
const newest = async (repository: string): Promise<Backup> => {
  const found = (await backups()).filter((b) => b.repository_id === repository).at(-1);
  if (!found) throw new Error(`repository '${repository}' has no backup`);
  return found;
};
const take = async (standby: string): Promise<Noted> =>
  ended(ID, await accept('POST', BACKUPS, { type: 'full', backup_options: { 'backup-standby': standby } }), TASK_MS);
async function verifyNewest(repository: string): Promise<void> {
  await done(ID, 'POST', `${BACKUPS}/${(await newest(repository)).label}/verify`, undefined, TASK_MS);
  expect(await newest(repository)).toMatchObject({ verified: true });
}
/** Command lines of every pgBackRest that runs in an instance. */
const running = async (instance: string): Promise<string> =>
  (await bash(`docker top ${await node.container(instance)} -eo pid,args`))
    .split('\n')
    .filter((line) => line.includes('pgbackrest'))
    .join('\n');

const firstPort = Number(ENV.WINDLASS_PORT_MAX) + 1;
const PORTS: Readonly<Record<string, number>> = { 'host-2': firstPort, 'host-3': firstPort + 10 };
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };

beforeAll(async () => {
  await Promise.all(Object.entries(PORTS).map(([host, port]) => startHost(host, port)));
  await bash(`rm -rf ${SHARED} && mkdir -p ${SHARED} && chown 5432:5432 ${SHARED}`);
  const spec = {
    database_name: 'shop',
    port: 0,
    database_users: [app],
    orchestrator_opts: { swarm: { extra_volumes: [{ host_path: SHARED, destination_path: '/mnt/shared' }] } },
    nodes: [{ name: 'n1', host_ids: HOSTS }],
    backup_config: {
      repositories: [
        { type: 'posix', id: 'shared', base_path: '/mnt/shared' },
        { type: 'posix', id: 'own', base_path: '/backups' },
      ],
    },
  };
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, TASK_MS);
  await node.allWell(3);
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await Promise.all([forgetHost('host-2'), forgetHost('host-3')]);
});

test('a backup is copied from a standby, which the task names, and it can be restored from either repository', async () => {
  await node.psql('writer', 'CREATE TABLE kept AS SELECT generate_series(1, 100000) AS id');
  const replicas = await node.replicas();
  const task = await take('y');
  expect(task).toMatchObject({ status: 'completed' });
  const standby = task.instance_id ?? '';
  expect(replicas).toContain(standby);
  expect((await node.log(task)).join('\n')).toMatch(
    `took full backup '${(await newest('shared')).label}' from standby '${standby}'`,
  );
  expect(await bash(`grep -rh option-backup-standby ${SHARED} --include=backup.info`)).toContain(
    '"option-backup-standby":true',
  );
  expect(await running(standby)).not.toContain('server');
  await verifyNewest('shared');
  await verifyNewest('own');
});

test('the worker of the standby is killed meanwhile: the backup is taken, and the next one clears what is left', async () => {
  const noted = (task: Task): Promise<Noted> => get<Noted>(`/v1/databases/${ID}/tasks/${task.task_id}`);
  const begun = await accept('POST', BACKUPS, { type: 'full', backup_options: { 'backup-standby': 'y' } });
  const standby = await until('a standby to be copied from', async () => (await noted(begun)).instance_id);
  const hostId = (await node.instances()).find((i) => i.id === standby)?.host_id ?? '';
  await (hostId === HOST ? processCommand('kill', 'worker') : killWorker(hostId));
  expect(await ended(ID, begun, TASK_MS)).toMatchObject({ status: 'completed', instance_id: standby });
  expect(await running(standby)).toMatch(/--tls-server-address=\S+ .* server$/m);
  if (hostId === HOST) processCommand('start', 'worker');
  else await startHost(hostId, PORTS[hostId] ?? 0);
  await node.allWell(3);
  // Of two that are as far behind it is not said which one is taken: the next one is from there when it is the only one.
  const other = (await node.replicas()).find((id) => id !== standby) ?? '';
  await done(ID, 'POST', `/v1/databases/${ID}/instances/${other}/stop-instance`, {}, TASK_MS);
  expect(await take('y')).toMatchObject({ status: 'completed', instance_id: standby });
  expect(await running(standby)).not.toContain('server');
  await done(ID, 'POST', `/v1/databases/${ID}/instances/${other}/start-instance`, {}, TASK_MS);
  await node.allWell(3);
});

test('a new primary archives and takes backups on its own disk, too, without being told', async () => {
  const before = await node.primary();
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/switchover`, {});
  await until('another primary', async () => ![before, ''].includes(await node.primary()));
  await node.allWell(3);
  expect(await take('y')).toMatchObject({
    status: 'completed',
    instance_id: expect.not.stringMatching(await node.primary()) as string,
  });
  await verifyNewest('own');
  await verifyNewest('shared');
  expect((await get<{ conditions?: unknown[] }>(`/v1/databases/${ID}`)).conditions ?? []).toEqual([]);
});

test('without a healthy standby it fails in words, or is taken from the primary where that will do', async () => {
  for (const replica of await node.replicas())
    await done(ID, 'POST', `/v1/databases/${ID}/instances/${replica}/stop-instance`, {}, TASK_MS);
  expect(await take('y')).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('no healthy standby') as string,
  });
  expect(await take('prefer')).toMatchObject({ status: 'completed', instance_id: await node.primary() });
});
