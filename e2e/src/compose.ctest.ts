/** docker-compose.yml for real: starts healthy, lets nobody in without a certificate, runs a database, outlives kills. */
import { execFileSync } from 'node:child_process';
import pg from 'pg';
import { accept, create, ended, get, portOf, remove, specOf, sql, type Task } from './client.ts';
import { greet } from './greet.ts';
import { API, bash, ENV, sh, until } from './stack.ts';

const ID = 'composed';
const PROJECT = `label=com.docker.compose.project=${ENV.COMPOSE_PROJECT_NAME}`;
const DAEMONS = ['etcd', 'server', 'temporal', 'temporal-db', 'temporal-ui', 'worker'];
const compose = (...args: string[]): Promise<string> => sh('bin/compose', ...args);

interface Row {
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
  readonly ExitCode: number;
}
const rows = async (): Promise<Row[]> =>
  (await compose('ps', '--all', '--format', 'json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
const container = (service: string): string => `${ENV.COMPOSE_PROJECT_NAME}-${service}-1`;
/** A file that a service of the stack has. */
const fileOf = (service: string, file: string): Promise<string> => compose('exec', '-T', service, 'cat', file);

beforeAll(async () => {
  await compose('down', '--volumes');
  await compose('up');
});
afterAll(() => compose('down', '--volumes'));

test('every service is healthy, every job ended well', async () => {
  const found = await rows();
  const daemons = found.filter((row) => row.State === 'running');
  expect(daemons.map((row) => [row.Service, row.Health]).sort()).toEqual(DAEMONS.map((name) => [name, 'healthy']));
  const jobs = found.filter((row) => row.State === 'exited').map((row) => [row.Service, row.ExitCode]);
  expect(jobs.sort()).toEqual(['etcd-auth', 'temporal-namespace', 'temporal-schema', 'trust'].map((name) => [name, 0]));
});

test('Temporal takes a certificate of its authority only: not none, not one of the cluster', async () => {
  const [ca, cert, key] = await Promise.all(
    ['temporal-ca.crt', 'temporal.crt', 'temporal.key'].map((file) => fileOf('server', `/trust/${file}`)),
  );
  const [rootCert, rootKey] = await Promise.all(
    ['root.crt', 'root.key'].map((file) => fileOf('server', `/trust/${file}`)),
  );
  const port = Number(ENV.WINDLASS_TEMPORAL_PORT);
  expect(await greet({ port }, 'temporal', { ca, cert, key })).toBe('accepted');
  expect(await greet({ port }, 'temporal', { ca })).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
  expect(await greet({ port }, 'temporal', { ca, cert: rootCert, key: rootKey })).toMatch(
    /^ERR_SSL_.*(CERT|UNKNOWN_CA)/,
  );
  expect(await greet({ port }, 'temporal', { ca: rootCert, cert, key })).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/);
});

test('etcd takes a certificate of the cluster only', async () => {
  const [ca, cert, key] = await Promise.all(
    ['cluster-ca.crt', 'root.crt', 'root.key'].map((file) => fileOf('server', `/trust/${file}`)),
  );
  const [otherCert, otherKey] = await Promise.all(
    ['temporal.crt', 'temporal.key'].map((file) => fileOf('server', `/trust/${file}`)),
  );
  const port = Number(ENV.WINDLASS_ETCD_PORT);
  expect(await greet({ port }, 'localhost', { ca, cert, key })).toBe('accepted');
  expect(await greet({ port }, 'localhost', { ca })).toMatch(/^ERR_SSL_.*CERT/);
  expect(await greet({ port }, 'localhost', { ca, cert: otherCert, key: otherKey })).toMatch(
    /^ERR_SSL_.*(CERT|UNKNOWN_CA)/,
  );
});

test("Temporal's Postgres takes certificates instead of passwords, and has no password", async () => {
  const address = await sh(
    'docker',
    'inspect',
    container('temporal-db'),
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
  );
  const login = (ssl: object | false): Promise<unknown> =>
    new pg.Client({
      host: address.trim(),
      user: 'temporal',
      database: 'temporal',
      password: 'temporal',
      ssl,
    }).connect();
  await expect(login({ rejectUnauthorized: false })).rejects.toThrow('connection requires a valid client certificate');
  await expect(login(false)).rejects.toThrow('no pg_hba.conf entry');
  const query = 'SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL';
  expect(await compose('exec', '-T', 'temporal-db', 'psql', '-h', '/tmp', '-U', 'postgres', '-Atqc', query)).toBe(
    '0\n',
  );
});

test('no container has a password in its environment or its arguments', async () => {
  const ids = (await sh('docker', 'ps', '--all', '--quiet', '--filter', PROJECT)).trim().split('\n');
  expect(ids).toHaveLength(10);
  const found = JSON.parse(await sh('docker', 'inspect', ...ids)) as { Config: { Env: string[]; Cmd: string[] } }[];
  const told = found.flatMap(({ Config }) => [...Config.Env, ...Config.Cmd]);
  expect(told.filter((text) => /pass(word|wd)?[=:]|secret[=:]|token[=:]|BEGIN/i.test(text))).toEqual([]);
});

test('a declared database takes writes through psql, and its run is shown by the UI', async () => {
  await create(ID);
  const dsn = `postgresql://app:pw-${ID}@127.0.0.1:${String(await portOf(ID))}/${ID}`;
  await sh('psql', dsn, '-qc', 'CREATE TABLE t (id int)');
  expect(await sh('psql', dsn, '-Atc', 'INSERT INTO t VALUES (7) RETURNING id')).toContain('7\n');
  const query = encodeURIComponent(`WindlassDatabaseId = '${ID}'`);
  const url = `http://127.0.0.1:${ENV.WINDLASS_TEMPORAL_UI_PORT}/api/v1/namespaces/default/workflows?query=${query}`;
  const shown = await until('the run to be listed as completed', async () => {
    const { executions } = (await (await fetch(url)).json()) as {
      executions?: { status: string; execution: object }[];
    };
    return executions?.find((each) => each.status === 'WORKFLOW_EXECUTION_STATUS_COMPLETED');
  });
  expect(shown.execution).toMatchObject({ workflowId: `database/${ID}` });
});

// `docker kill` would count as stopped by hand; a process that dies does not.
test.each(['worker', 'server', 'temporal', 'etcd', 'temporal-db'].map((name, i) => [name, `${String(10 + i)}MB`]))(
  '%s is killed and comes back by itself; a change declared then is carried out',
  async (service, workMem) => {
    const pid = (await sh('docker', 'inspect', container(service), '--format', '{{.State.Pid}}')).trim();
    execFileSync('kill', ['-KILL', pid]);
    const spec = specOf(ID, { postgresql_conf: { work_mem: workMem } });
    const task = await until<Task>(
      `the API to accept a change without ${service}`,
      async () => accept('POST', `/v1/databases/${ID}`, { spec }),
      60_000,
    );
    expect((await ended(ID, task, 120_000)).status).toBe('completed');
    expect(await sql(ID, 'SHOW work_mem')).toEqual([{ work_mem: workMem }]);
    await until(
      `${service} to be healthy`,
      async () => (await rows()).some((row) => row.Service === service && row.Health === 'healthy'),
      90_000,
    );
  },
);

test('up again changes nothing: same containers, same certificates, same database', async () => {
  const state = async (): Promise<string> =>
    bash(`docker inspect ${DAEMONS.map(container).join(' ')} --format '{{.Id}} {{.State.StartedAt}}'
      docker exec ${container('server')} sha256sum /trust/root.crt /trust/temporal.crt`);
  const before = await state();
  await compose('up');
  expect(await state()).toBe(before);
  expect(await sql(ID, 'SELECT id FROM t')).toEqual([{ id: 7 }]);
});

test('after the last database and `down --volumes` nothing is left', async () => {
  await remove(ID);
  expect((await fetch(`${API}/v1/databases/${ID}`)).status).toBe(404);
  expect(await get<object>('/v1/databases')).toEqual({ databases: [] });
  await compose('down', '--volumes');
  const left = await bash(`docker ps -aq --filter ${PROJECT}; docker volume ls -q --filter ${PROJECT}
    docker network ls -q --filter ${PROJECT}; docker service ls -q --filter label=windlass.database=${ID}; find '${ENV.WINDLASS_DATA_DIR}' -mindepth 2`);
  expect(left).toBe('');
});
