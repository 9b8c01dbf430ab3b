import {
  accept,
  call,
  completed,
  create,
  database,
  done,
  ended,
  get,
  remove,
  specOf,
  taskNow,
  type Task,
} from './client.ts';
import { forgetHost, killWorker, startHost } from './hosts.ts';
import { replicatedNode } from './replicated-node.ts';
import { API, bash, ENV, HOST, sh, until } from './stack.ts';
import { failures, longest } from './writer.ts';
import { makeOlderImage, OLDER, PRESENT, removeOlderImage } from './versions.ts';

const ID = 'operations';
const HOSTS = [HOST, 'host-2', 'host-3'];
const FIRST_PORT = Number(ENV.WINDLASS_PORT_MAX) + 28;
const node = replicatedNode(ID);
const spec = {
  database_name: 'shop',
  port: 0,
  database_users: [{ username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN'] }],
  nodes: [{ name: 'n1', host_ids: HOSTS }],
};

const at = (path: string): string => `/v1/databases/${ID}/${path}`;
const start = (path: string, body?: object): Promise<Task> => accept('POST', at(path), body);
/** Does an operation; throws unless it is completed. */
const run = async (path: string, body?: object): Promise<Task> => completed(ID, await start(path, body), 120_000);
const note = (text: string): void => void process.stderr.write(`${text}\n`);
/** A test of the node, which begins when all of it is well. */
const whenWell = (work: () => Promise<void>) => async (): Promise<void> => {
  await node.allWell(3);
  await work();
};
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

beforeAll(async () => {
  await Promise.all([startHost('host-2', FIRST_PORT), startHost('host-3', FIRST_PORT + 10)]);
  await done(ID, 'POST', '/v1/databases', { id: ID, spec }, 120_000);
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await Promise.all([forgetHost('host-2'), forgetHost('host-3')]);
  await removeOlderImage();
});

test(
  'a switchover to a candidate: one short outage, nothing lost, the old primary follows',
  whenWell(async () => {
    const before = await node.primary();
    const [candidate = ''] = await node.replicas();
    const written = await node.whileWriting(async () => {
      const task = await run('nodes/n1/switchover', { candidate_instance_id: candidate });
      expect(task).toMatchObject({ type: 'switchover', instance_id: candidate });
      expect((await node.log(task)).join('\n')).toMatch(new RegExp(`'${candidate}' took over from '${before}'`));
      expect(await node.primary()).toBe(candidate);
      await node.allWell(3);
    });
    note(`outage of a switchover: ${String(longest(written))} ms, ${String(written.acknowledged)} writes`);
    expect(written.lost).toBe(0);
    expect(failures(written).length).toBeLessThanOrEqual(1);
    expect(await node.replicas()).toContain(before);
  }),
);

test(
  'a person logs in without a password after a switchover, is in the audit, and is out when the time is over',
  whenWell(async () => {
    await run('nodes/n1/switchover');
    const windlass = (...args: string[]): Promise<string> =>
      bash(`WINDLASS_URL=${API} bin/windlass db psql ${ID} ${args.join(' ')} 2>&1`);
    expect(await windlass('--', '-Atqc', `'SELECT current_user, pg_is_in_recovery()'`)).toMatch(/ works as app until .*\napp\|f\n$/);
    const begun = performance.now();
    const { body } = await call<{ login: { username: string }; password: string }>('POST', at('logins'), { seconds: 5 });
    note(`a login took ${String(Math.round(performance.now() - begun))} ms`);
    const { login: { username }, password } = body;
    const dsn = (await node.dsn()).replace('app:pw-app', `${username}:${password}`);
    const asks = (text: string): Promise<string> => sh('psql', dsn, '-Atqc', text);
    const sleeps = asks('SELECT pg_sleep(60)').catch(String); // a session that would go on
    expect((await asks('SELECT session_user, current_user')).trim()).toBe(`${username}|app`);
    const { lines } = await get<{ lines: object[] }>(`/v1/audit?operation=open-login&entity=database/${ID}`);
    expect(JSON.stringify(lines)).toContain(username);
    expect(await sleeps).toMatch(/terminating connection/);
    await expect(asks('SELECT 1')).rejects.toThrow(/password authentication failed/);
    const left = `SELECT count(*) FROM pg_roles WHERE rolname = '${username}'`;
    await until('the role to be gone', async () => (await node.psql('writer', left)) === '0');
    expect(await database(ID)).toMatchObject({ state: 'available' });
  }),
); // prettier-ignore

test(
  'the log of an instance has no passwords, and goes on where it was',
  whenWell(async () => {
    const path = at(`instances/${await node.primary()}/log`);
    const read = (query: string) => get<{ lines: { text: string }[]; next: string }>(`${path}?${query}`);
    const { next } = await read('limit=1');
    const fails = (name: string) => node.psql('writer', `ALTER ROLE ${name} PASSWORD 'hush-hush'`);
    await expect(fails('nobody_there')).rejects.toThrow(/does not exist/);
    const since = async () => (await read(`after=${next}`)).lines.map(({ text }) => text).join('\n');
    const log = await until('the line to be there', async () => (await since()).includes('nobody_there') && since());
    expect(log).toContain(`STATEMENT:  ALTER ROLE nobody_there PASSWORD '***'`);
    expect(log).not.toContain('hush');
    const shown = await bash(`WINDLASS_URL=${API} bin/windlass db logs ${ID} --since 1m`);
    expect([shown.includes(`PASSWORD '***'`), shown.includes('hush')]).toEqual([true, false]);
  }),
);

test(
  'a switchover works again right after a container was replaced',
  whenWell(async () => {
    const [replica = ''] = await node.replicas();
    const killed = await node.container(replica);
    await bash(`docker kill -s KILL ${killed}`);
    await until('another container', async () => !['', killed].includes(await node.container(replica)));
    await node.allWell(3);
    await run('nodes/n1/switchover', { candidate_instance_id: replica });
    expect(await node.primary()).toBe(replica);
  }),
);

test(
  'a switchover right after a restart of the primary: replicas that have not connected again lose nothing',
  whenWell(async () => {
    const before = await node.primary();
    const written = await node.whileWriting(async () => {
      await run(`instances/${before}/restart`, {});
      await run('nodes/n1/switchover');
    });
    expect(written.lost).toBe(0);
    expect(await node.primary()).not.toBe(before);
  }),
);

test(
  'a scheduled switchover leaves the database to others, is canceled, and nothing has happened',
  whenWell(async () => {
    const before = await node.primary();
    const scheduled = await start('nodes/n1/switchover', { scheduled_at: inAnHour() });
    const log = await until('the log to say so', async () => (await node.log(scheduled)).find((line) => /was scheduled/.test(line))); // prettier-ignore
    expect(log).toMatch(/^was scheduled for/);
    expect((await taskNow(ID, scheduled)).status).toBe('pending');
    const again = await call('POST', at('nodes/n1/switchover'), {});
    expect([again.status, again.headers.get('goa-error')]).toEqual([409, 'operation_already_in_progress']);
    const [replica = ''] = await node.replicas();
    await run(`instances/${replica}/restart`, {});
    expect((await get<Task>(at(`tasks/${scheduled.task_id}/cancel`))).status).toBe('canceling');
    expect((await ended(ID, scheduled)).status).toBe('canceled');
    expect(await node.primary()).toBe(before);
  }),
);

test(
  'a switchover that is due begins by itself',
  whenWell(async () => {
    const before = await node.primary();
    const scheduled = await start('nodes/n1/switchover', { scheduled_at: new Date(Date.now() + 3000).toISOString() });
    await completed(ID, scheduled);
    expect(await node.primary()).not.toBe(before);
  }),
);

test(
  'a failover of a healthy node is refused unless it is forced',
  whenWell(async () => {
    const before = await node.primary();
    const refused = await ended(ID, await start('nodes/n1/failover', {}));
    expect(refused).toMatchObject({ status: 'failed', error: expect.stringMatching(/^cluster is healthy/) as string });
    expect(await node.primary()).toBe(before);
    await run('nodes/n1/failover', { skip_validation: true });
    expect(await node.primary()).not.toBe(before);
  }),
);

test(
  'a failover works while nothing is heard of the host of the primary',
  whenWell(async () => {
    const [away = ''] = (await node.replicas()).filter((id) => !id.endsWith('689qacsi'));
    await run('nodes/n1/switchover', { candidate_instance_id: away });
    const host = (await node.instances()).find((i) => i.id === away)?.host_id ?? '';
    await killWorker(host);
    await bash(`docker pause ${await node.container(away)}`);
    try {
      await until('its state to be unknown', async () => (await node.on(host)).state === 'unknown');
      await run('nodes/n1/failover', {});
      expect(await node.primary()).not.toBe(away);
      expect(await node.psql('writer', 'SELECT pg_is_in_recovery()')).toBe('f');
    } finally {
      await bash(`docker unpause ${await node.container(away)}`);
      await startHost(host, host === 'host-2' ? FIRST_PORT : FIRST_PORT + 10);
    }
  }),
);

// These two have databases of their own: meanwhile the old primary of the node comes back.
test('an upgrade to another image: replicas first, one outage, every instance runs it', async () => {
  const id = 'upgrade';
  const upgraded = replicatedNode(id);
  await makeOlderImage();
  const older = { ...spec, postgres_version: OLDER };
  try {
    await done(id, 'POST', '/v1/databases', { id, spec: older }, 120_000);
    const offered = await get<{ available_upgrades: { image: string }[] }>(`/v1/databases/${id}?include=available_upgrades`);
    expect(offered.available_upgrades.map((u) => u.image)).toContain(PRESENT);
    const first = await upgraded.primary();
    const slots = async (text: string): Promise<string> =>
      (await bash(`docker exec ${await upgraded.container(first)} psql -h /tmp -U windlass -d shop -Atqc "${text}"`)).trim();
    await slots(`SELECT pg_create_physical_replication_slot('copy', true)`);
    const written = await upgraded.whileWriting(() =>
      done(id, 'POST', `/v1/databases/${id}/upgrade`, { image: PRESENT }, 180_000),
    );
    note(`outage of an upgrade: ${String(longest(written))} ms, ${String(written.acknowledged)} writes`);
    expect(written.lost).toBe(0);
    expect(failures(written).length).toBeLessThanOrEqual(1);
    const image = (await bash(`docker image inspect ${PRESENT} --format '{{.Id}}'`)).trim();
    for (const { id: instance } of await upgraded.instances())
      expect((await bash(`docker inspect ${await upgraded.container(instance)} --format '{{.Image}}'`)).trim()).toBe(image);
    expect(await slots(`SELECT slot_name FROM pg_replication_slots WHERE slot_name = 'copy'`)).toBe('copy');
    expect((await call('POST', `/v1/databases/${id}/upgrade`, { image: PRESENT })).status).toBe(400);
  } finally {
    await remove(id).catch(() => undefined);
  }
}); // prettier-ignore

test('a database with one instance: a switchover makes no sense, a stop and a start do, a delete takes over', async () => {
  const id = 'single';
  await create(id);
  try {
    const refused = await call<{ message: string }>('POST', `/v1/databases/${id}/nodes/n1/switchover`);
    expect([refused.status, refused.body.message]).toEqual([400, 'node n1 has no replica that could take over']);
    const instance = (await database(id)).instances?.[0]?.id ?? '';
    await done(id, 'POST', `/v1/databases/${id}/instances/${instance}/stop-instance`);
    await done(id, 'POST', `/v1/databases/${id}`, { spec: specOf(id, { postgresql_conf: { work_mem: '6MB' } }) });
    expect((await database(id)).instances?.[0]?.state).toBe('stopped');
    const started = await accept('POST', `/v1/databases/${id}/instances/${instance}/start-instance`);
    await remove(id);
    const { status, error } = await taskNow(id, started);
    expect([status, error]).toEqual([expect.stringMatching(/^(canceled|completed)$/), undefined]);
    expect((await call('GET', `/v1/databases/${id}`)).status).toBe(404);
  } finally {
    await remove(id).catch(() => undefined);
  }
});

test(
  'a restart restarts Postgres of one instance, and not its container',
  whenWell(async () => {
    const primary = await node.primary();
    const startedAt = (): Promise<string> => node.psql('writer', 'SELECT pg_postmaster_start_time()');
    const [before, container] = [await startedAt(), await node.container(primary)];
    const written = await node.whileWriting(async () => {
      expect(await run(`instances/${primary}/restart`, {})).toMatchObject({ instance_id: primary });
    });
    note(`outage of a restart of the primary: ${String(longest(written))} ms`);
    expect([await node.primary(), await node.container(primary), written.lost]).toEqual([primary, container, 0]);
    expect(await startedAt()).not.toBe(before);
  }),
);

test('a stopped primary hands over first, stays stopped across an update, and is started again', whenWell(async () => {
  const stopped = await node.primary();
  const written = await node.whileWriting(async () => {
    const task = await run(`instances/${stopped}/stop-instance`);
    expect(task).toMatchObject({ type: 'stop_instance', instance_id: stopped });
    expect((await node.log(task)).join('\n')).toMatch(new RegExp(`took over from '${stopped}'`));
  });
  note(`outage of a stop of the primary: ${String(longest(written))} ms`);
  expect(written.lost).toBe(0);
  const stateOf = async (): Promise<string | undefined> =>
    (await node.instances()).find((i) => i.id === stopped)?.state;
  expect([await stateOf(), await node.container(stopped), (await database(ID)).state]).toEqual(['stopped', '', 'degraded']);
  const again = await call<{ message: string }>('POST', at(`instances/${stopped}/stop-instance`));
  expect([again.status, again.body.message]).toEqual([400, `instance ${stopped} is not stoppable, it is in stopped state`]);
  await done(ID, 'POST', `/v1/databases/${ID}?force_update=true`, { spec: { ...spec, postgresql_conf: { work_mem: '5MB' } } }, 120_000); // prettier-ignore
  expect([await stateOf(), await node.container(stopped)]).toEqual(['stopped', '']);
  expect(await node.psql('writer', 'SHOW work_mem')).toBe('5MB');
  await run(`instances/${stopped}/start-instance`);
  await node.allWell(3);
})); // prettier-ignore
