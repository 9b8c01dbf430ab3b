import { rm } from 'node:fs/promises';
import path from 'node:path';
import { accept, call, create, database, ended, get, remove, specOf, type Task } from './client.ts';
import { bash, ENV, HOME, until } from './stack.ts';

const DEAD = 'host-dead';
const LIVE = 'host-live';
/** Behind those of the stack's own host: all of them share one engine. */
const LIVE_PORTS = Number(ENV.WINDLASS_PORT_MAX) + 8;
const DEAD_PORTS = LIVE_PORTS + 20;
const homeOf = (host: string) => path.join(HOME, 'joined', host);

/** bin/host on "another machine": a home of its own on this one, ports of its own, and nothing of the stack's. */
const host = (id: string, command: string, ports = ''): Promise<string> =>
  bash(`${ports} WINDLASS_HOME=${homeOf(id)} timeout 120 bin/host ${command} 2>&1`);

const newToken = async () => {
  const { token, server_urls } = await get<{ token: string; server_urls: string[] }>('/v1/cluster/join-token');
  return { token, url: server_urls[0] ?? '' };
};
const join = async (id: string, firstPort: number, { token, url } = { token: '', url: '' }) => {
  const given = token === '' ? await newToken() : { token, url };
  const ports = `WINDLASS_PORT_MIN=${String(firstPort)} WINDLASS_PORT_MAX=${String(firstPort + 19)}`;
  return host(id, `join --token ${given.token} --server ${given.url} --id ${id} --address 127.0.0.1`, ports);
};

interface Host {
  readonly id: string;
  readonly status: { readonly state: string; readonly components: Readonly<Record<string, { healthy: boolean }>> };
}
const hosts = async () => (await get<{ hosts: Host[] }>('/v1/hosts')).hosts;
const stateOf = async (id: string) => (await hosts()).find((h) => h.id === id)?.status.state;
const pidOf = async (id: string) => Number(await bash(`cat ${homeOf(id)}/run/worker.pid`));
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Data directories of Postgres on the host. */
const dataOf = (id: string): Promise<string> => bash(`find ${homeOf(id)}/data -maxdepth 5 -name PG_VERSION`);

const endedOnHost = (id: string, task: Task): Promise<Task> =>
  until(
    `task ${task.task_id} of ${id} to end`,
    async () => {
      const now = await get<Task>(`/v1/hosts/${id}/tasks/${task.task_id}`);
      return ['completed', 'failed', 'canceled'].includes(now.status) && now;
    },
    90_000,
  );

const untilAvailable = () => until('a primary', async () => (await database('hosts-a')).state === 'available');

/** Everything in etcd that still names the host, but for its tasks, the plans of the past and the audit, which forgets nobody. */
const traces = async (id: string): Promise<string[]> => {
  const root = path.join(HOME, 'ca/root');
  const keys = await bash(
    `ETCDCTL_API=3 etcdctl --endpoints https://127.0.0.1:${ENV.WINDLASS_ETCD_PORT} --cacert ${HOME}/ca/ca.crt ` +
      `--cert ${root}.crt --key ${root}.key get --prefix /windlass/ | grep -a -B1 ${id} | grep -a ^/windlass/ || true`,
  );
  return keys.split('\n').filter((key) => key !== '' && !/^\/windlass\/(tasks|task-logs|plans|audit)\//.test(key));
};

afterAll(async () => {
  for (const id of [LIVE, DEAD]) {
    await host(id, 'stop').catch(() => undefined);
    await bash(`node apps/worker/dist/main-remove-wall.js ${homeOf(id)}/data`); // a worker that was killed left it
    await rm(homeOf(id), { recursive: true, force: true });
  }
});

test('a machine joins with a token, which is good once; what it is given lets it do nothing but its work', async () => {
  const token = await newToken();
  await join(LIVE, LIVE_PORTS, token);
  expect(await stateOf(LIVE)).toBe('healthy');
  const found = (await hosts()).find((h) => h.id === LIVE);
  expect(Object.keys(found?.status.components ?? {}).sort()).toEqual([
    'certificates',
    'clock',
    'disk',
    'docker',
    'etcd',
    'firewall',
    'temporal',
  ]);
  await expect(join(DEAD, DEAD_PORTS, token)).rejects.toMatchObject({
    stdout: expect.stringContaining('the given join token is invalid') as string,
  });
  const trust = (await bash(`cd ${homeOf(LIVE)}/state/trust && stat -c '%n %a' *`)).trim().split('\n');
  expect(trust.map((line) => line.split(' ')[1])).toEqual(trust.map(() => '600'));
  expect(trust.map((line) => line.split(' ')[0])).not.toContain('ca.key');
  const asHost = `etcdctl --endpoints https://127.0.0.1:${ENV.WINDLASS_ETCD_PORT} --cacert ca.crt --cert client.crt --key client.key`;
  for (const forbidden of ['get --prefix /windlass/members/', 'put /windlass/hosts/host-1 x', 'user add mine:pw'])
    await expect(
      bash(`cd ${homeOf(LIVE)}/state/trust && ETCDCTL_API=3 ${asHost} ${forbidden} 2>&1`),
    ).rejects.toMatchObject({ stdout: expect.stringContaining('permission denied') as string });
});

test('a node spreads over both; the joined host gets its certificates from a server', async () => {
  await create('hosts-a', { nodes: [{ name: 'n1', host_ids: ['host-1', LIVE] }] });
  const { state, instances } = await database('hosts-a');
  expect([state, instances?.map((i) => i.state)]).toEqual(['available', ['available', 'available']]);
  expect(await dataOf(LIVE)).toContain('PG_VERSION');
});

test('a drained host hands its primary over, gets nothing new, and takes databases again when it is resumed', async () => {
  const instances = async () => (await database('hosts-a')).instances ?? [];
  const primaryOn = async () => (await instances()).find(({ postgres }) => postgres?.role === 'primary')?.host_id;
  const { body: plan } = await call<{ moves: object[] }>('GET', `/v1/hosts/${LIVE}/drain`);
  if (plan.moves.length === 0)
    await ended('hosts-a', await accept('POST', '/v1/databases/hosts-a/nodes/n1/switchover', {}));
  await until('both to be well', async () => (await instances()).every(({ state }) => state === 'available'));
  expect(await primaryOn()).toBe(LIVE);
  const { body } = await call<{ task: Task; switchover_tasks: Task[] }>('POST', `/v1/hosts/${LIVE}:drain`);
  expect(body.switchover_tasks).toMatchObject([{ type: 'switchover', parent_id: body.task.task_id }]);
  const { status, error = '' } = await endedOnHost(LIVE, body.task);
  expect([status, error]).toEqual(['completed', '']);
  expect(await primaryOn()).toBe('host-1');
  expect(await get(`/v1/hosts/${LIVE}`)).toMatchObject({ drain: { state: 'drained', task_id: body.task.task_id } });
  const spec = specOf('hosts-b', { nodes: [{ name: 'n1', host_ids: [LIVE] }] });
  const refused = await call('POST', '/v1/databases', { id: 'hosts-b', spec });
  expect(refused.body).toMatchObject({ message: expect.stringContaining('nodes[0].host_ids[0]') as string });
  expect((await call('POST', `/v1/hosts/${LIVE}:resume`)).body).not.toHaveProperty('drain');
});

test('a host with instances is removed by force: its databases go on without it, its worker ends, nothing is kept', async () => {
  const pid = await pidOf(LIVE);
  const refused = await call('DELETE', `/v1/hosts/${LIVE}`);
  expect(refused.body).toMatchObject({ name: 'invalid_input', message: 'cannot remove host with running instances' });
  const { body } = await call<{ task: Task; update_database_tasks: Task[] }>('DELETE', `/v1/hosts/${LIVE}?force=true`);
  expect(body.update_database_tasks).toMatchObject([{ type: 'update', parent_id: body.task.task_id }]);
  expect(await endedOnHost(LIVE, body.task)).toMatchObject({ status: 'completed' });
  expect((await database('hosts-a')).instances?.length).toBe(1);
  await untilAvailable(); // the primary may have been there: then the other one has just taken over
  await until('the worker to end', async () => Promise.resolve(!runs(pid)), 20_000);
  expect((await hosts()).map((h) => h.id)).not.toContain(LIVE);
  expect(await traces(LIVE)).toEqual([]);
  expect(await dataOf(LIVE)).toBe('');
});

test('a dead host is told within three seconds, and removed with what it carried', async () => {
  await join(DEAD, DEAD_PORTS);
  const nodes = [{ name: 'n1', host_ids: ['host-1', DEAD] }];
  await ended('hosts-a', await accept('POST', '/v1/databases/hosts-a', { spec: specOf('hosts-a', { nodes }) }));
  const pid = await pidOf(DEAD);
  process.kill(pid, 'SIGKILL');
  const died = Date.now();
  await until('the host to be unreachable', async () => (await stateOf(DEAD)) === 'unreachable', 15_000);
  expect(Date.now() - died).toBeLessThan(3000);
  const { body } = await call<{ task: Task }>('DELETE', `/v1/hosts/${DEAD}?force=true`);
  expect(await endedOnHost(DEAD, body.task)).toMatchObject({ status: 'completed' });
  expect((await database('hosts-a')).instances?.length).toBe(1);
  await untilAvailable();
  expect(await traces(DEAD)).toEqual([]);
  expect(await bash(`docker ps -aq --filter label=pgedge.host.id=${DEAD}`)).toBe('');
});

test('a dead host that comes back finds that it is none any more', async () => {
  await expect(host(DEAD, 'start')).rejects.toMatchObject({
    stdout: expect.stringContaining(`wait until host ${DEAD} answers`) as string,
  });
  expect(await bash(`tail -n 3 ${homeOf(DEAD)}/log/worker.log`)).toContain('etcd refuses this account');
  expect((await hosts()).map((h) => h.id)).toEqual(['host-1']);
  await remove('hosts-a');
}, 120_000);
