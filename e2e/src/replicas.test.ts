import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { accept, call, database, done, ended, get, remove, type Task } from './client.ts';
import { forgetHost, killWorker, startHost } from './hosts.ts';
import { bash, HOME, HOST, ROOT, sh, until } from './stack.ts';

const ID = 'replicas';
const HOSTS = [HOST, 'host-2', 'host-3'];
/** Three containers of a database share two cores with the rest of the tests. */
const READY_MS = 60_000;

interface Node {
  readonly name: string;
  readonly connection_info: { readonly writer: string; readonly reader: string };
}
interface Instance {
  readonly id: string;
  readonly host_id: string;
  readonly state: string;
  readonly postgres?: { readonly role?: string; readonly pending_restart?: boolean };
}

const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] };
const synchronous = { synchronous_standby_names: 'ANY 1 (*)' };
const specOf = (hosts: string[], conf: object = {}, users: object[] = [app]) => ({
  database_name: 'shop',
  port: 0,
  postgresql_conf: { ...synchronous, ...conf },
  database_users: users,
  nodes: [{ name: 'n1', host_ids: hosts }],
});
const declare = (hosts: string[], conf?: object, users?: object[]): Promise<void> =>
  done(ID, 'POST', `/v1/databases/${ID}`, { spec: specOf(hosts, conf, users) }, READY_MS);

const instances = async (): Promise<readonly Instance[]> => ((await database(ID)).instances ?? []) as never;
const primary = async (): Promise<Instance | undefined> =>
  (await instances()).find((i) => i.postgres?.role === 'primary');
const allWell = (count: number): Promise<readonly Instance[]> =>
  until(
    `${String(count)} instances that are well`,
    async () => {
      const { state } = await database(ID);
      const found = await instances();
      return state === 'available' && found.length === count && found.every((i) => i.state === 'available') && found;
    },
    READY_MS,
  );
const containerOf = async (instance: string): Promise<string> =>
  (await bash(`docker ps -q --filter label=com.docker.swarm.service.name=postgres-${instance}`)).trim();
const tasks = async (type: string): Promise<Task[]> =>
  (await get<{ tasks: Task[] }>(`/v1/databases/${ID}/tasks`)).tasks.filter((t) => t.type === type);

async function dsn(purpose: 'writer' | 'reader'): Promise<string> {
  const [node] = ((await database(ID)) as unknown as { nodes: Node[] }).nodes;
  return (node?.connection_info[purpose] ?? '').replace('//', '//app:pw-app@');
}
const psql = async (purpose: 'writer' | 'reader', text: string): Promise<string> =>
  (await sh('psql', await dsn(purpose), '-Atqc', text)).trim();

interface Written {
  readonly acknowledged: number;
  readonly lost: number;
  readonly outages: readonly { readonly ms: number; readonly reason: string }[];
}
/** Writes one id after the other while something is done, then asks for every one that was acknowledged. */
async function whileWriting(work: () => Promise<unknown>): Promise<Written> {
  const args = ['examples/writer.mjs', await dsn('writer'), '--quiet'];
  const writer = promisify(execFile)('node', args, { cwd: ROOT });
  const count = 'SELECT count(*) FROM windlass_writer';
  const before = Number(await psql('writer', count).catch(() => '0'));
  await until('the writer to write', async () => Number(await psql('writer', count)) > before + 50);
  await work();
  writer.child.kill('SIGTERM');
  const { stdout } = await writer;
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Written;
}
/** Times without a write because one failed; a busy machine alone makes some slow. */
const failures = ({ outages }: Written) => outages.filter((o) => o.reason !== 'slow');
const longest = ({ outages }: Written): number => Math.max(0, ...outages.map((o) => o.ms));

beforeAll(async () => {
  await Promise.all([startHost('host-2', 25_940), startHost('host-3', 25_950)]);
  await done(ID, 'POST', '/v1/databases', { id: ID, spec: specOf(HOSTS) }, READY_MS);
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await Promise.all([forgetHost('host-2'), forgetHost('host-3')]);
});

test('completed means: a primary, every standby streaming, one of them named synchronous', async () => {
  const found = await instances();
  expect(found.map((i) => [i.host_id, i.state]).sort()).toEqual(HOSTS.map((h) => [h, 'available']));
  expect(found.map((i) => i.postgres?.role).sort()).toEqual(['primary', 'replica', 'replica']);
  const leader = await containerOf((await primary())?.id ?? '');
  const states = await bash(
    `docker exec ${leader} psql -h /tmp -U windlass -d postgres -Atqc "SELECT state, sync_state FROM pg_stat_replication"`,
  );
  const rows = states.trim().split('\n');
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatch(/^streaming\|(quorum|sync|potential|async)$/);
  expect(rows.some((row) => /\|(quorum|sync)$/.test(row))).toBe(true);
});

test('one connection string finds the primary, another a replica', async () => {
  expect(await psql('writer', 'SELECT pg_is_in_recovery()')).toBe('f');
  expect(await psql('reader', 'SELECT pg_is_in_recovery()')).toBe('t');
});

test('the primary is killed: a replica takes over, no acknowledged write is lost, the old primary comes back by itself', async () => {
  const old = await primary();
  const written = await whileWriting(async () => {
    await bash(`docker kill -s KILL ${await containerOf(old?.id ?? '')}`);
    await until('another primary', async () => {
      const now = await primary();
      return now !== undefined && now.id !== old?.id;
    });
  });
  process.stderr.write(
    `outage of a failover after SIGKILL: ${String(longest(written))} ms, ${String(written.acknowledged)} writes\n`,
  );
  expect([written.lost, failures(written).length]).toEqual([0, 1]);
  expect(longest(written)).toBeLessThan(5000);
  await allWell(3);
  expect(await psql('writer', 'SELECT pg_is_in_recovery()')).toBe('f');
  expect(await tasks('failover')).toMatchObject([{ status: 'completed' }]);
});

test('a setting that needs a restart: replicas first, one outage, said beforehand', async () => {
  const spec = specOf(HOSTS, { max_connections: 190 });
  const plan = await call<{ sentences: string[] }>('POST', `/v1/databases/${ID}:plan`, { spec });
  expect(JSON.stringify(plan.body)).toMatch(/see 1 outage, of about a second/);
  const written = await whileWriting(() => declare(HOSTS, { max_connections: 190 }));
  process.stderr.write(
    `outage of a rolling change: ${String(longest(written))} ms, ${String(written.acknowledged)} writes\n`,
  );
  expect(written.lost).toBe(0);
  expect(failures(written).length).toBeLessThanOrEqual(1);
  for (const { id } of await allWell(3)) {
    const shown = `docker exec ${await containerOf(id)} psql -h /tmp -U windlass -d postgres -Atqc 'SHOW max_connections'`;
    expect((await bash(shown)).trim()).toBe('190');
  }
});

test('a replica is removed without a trace, and added again, while writes go on', async () => {
  const written = await whileWriting(async () => {
    const spare = (await instances()).find((i) => i.host_id !== HOST && i.postgres?.role === 'replica');
    const others = HOSTS.filter((h) => h !== spare?.host_id);
    await declare(others);
    await allWell(2);
    expect(await containerOf(spare?.id ?? '')).toBe('');
    expect((await bash(`docker service ls -q --filter name=postgres-${spare?.id ?? '?'}`)).trim()).toBe('');
    await declare(HOSTS);
  });
  await allWell(3);
  expect(written.lost).toBe(0);
});

test('a host whose worker is dead holds up neither an update nor a failover nor a delete; what is left is done when it is back', async () => {
  const gone = (await instances()).find((i) => i.postgres?.role === 'replica' && i.host_id !== HOST)?.host_id ?? '';
  await killWorker(gone);
  const asked = Date.now();
  await declare(HOSTS, { work_mem: '9MB' }, [app, { username: 'late', attributes: ['LOGIN'] }]);
  const took = Date.now() - asked;
  expect(took).toBeLessThan(30_000);
  expect(await psql('writer', "SELECT count(*) FROM pg_roles WHERE rolname = 'late'")).toBe('1');
  await startHost(gone, gone === 'host-2' ? 25_940 : 25_950);
  await allWell(3);
  const repair = await until(
    'a repair',
    async () => (await log('repairing: host')) && (await tasks('update'))[0],
    READY_MS,
  );
  expect((await ended(ID, repair, READY_MS)).status).toBe('completed');
  expect(await workMem(gone)).toBe('9MB');

  await killWorker(gone);
  expect((await ended(ID, await accept('DELETE', `/v1/databases/${ID}`), READY_MS)).status).toBe('completed');
  const left = `docker ps -aq --filter label=windlass.database=${ID}; ls ${HOME}/data/${gone}/instances 2>/dev/null | grep ${ID} || true`;
  expect(await bash(left)).not.toBe('');
  await startHost(gone, gone === 'host-2' ? 25_940 : 25_950);
  await until('its part to be removed', async () => (await bash(left)) === '', READY_MS);
});

async function log(text: string): Promise<boolean> {
  const [task] = await tasks('update');
  const { entries } = await get<{ entries: { message: string }[] }>(
    `/v1/databases/${ID}/tasks/${task?.task_id ?? ''}/log`,
  );
  return entries.some((e) => e.message.includes(text));
}

async function workMem(host: string): Promise<string> {
  const instance = (await instances()).find((i) => i.host_id === host)?.id ?? '';
  const show = `docker exec ${await containerOf(instance)} psql -h /tmp -U windlass -d postgres -Atqc 'SHOW work_mem'`;
  return (await bash(show)).trim();
}
