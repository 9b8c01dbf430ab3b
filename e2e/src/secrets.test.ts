import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { accept, call, completed, create, done, ended, get, remove, specOf, sql, type Task } from './client.ts';
import { API, bash, ENV, HOME, until } from './stack.ts';

const ID = 'vault';
const MARK = `canary-${String(process.pid)}`;
/** The scan reads what it looks for from a file: its own arguments must not hold it. */
const MARK_FILE = `${HOME}/canary`;
const secret = (name: string): string => `${MARK}-${name}`;
/** A role that nobody makes. It is no secret, and yet nothing for who reads Temporal's files. */
const NAMED = `no_such_role_${String(process.pid)}`;
const user = (password: string, more: Record<string, unknown> = {}) => ({
  username: 'app',
  password,
  db_owner: true,
  attributes: ['LOGIN'],
  ...more,
});

beforeAll(() => {
  const [, line = ''] = readFileSync(`${HOME}/ca/root.key`, 'utf8').split('\n'); // of the key that opens etcd
  writeFileSync(MARK_FILE, `${MARK}\n${line}\n`);
});
afterAll(() => remove(ID).catch(() => undefined));

const KEYS = '/v1/cluster/master-key';
const KEY_FILE = `${HOME}/secrets/master.key`;
interface MasterKeys {
  readonly active: string;
  readonly state: string;
  readonly keys: readonly { readonly id: string; readonly held_by: readonly string[] }[];
}

/** Another master key while the database lives, the former one forgotten and gone from the file; both are looked for, too. */
async function rotateMasterKey(): Promise<void> {
  const { active: former } = await get<MasterKeys>(KEYS);
  const [next, old] = [randomBytes(32).toString('hex'), readFileSync(KEY_FILE, 'utf8').trim()];
  appendFileSync(MARK_FILE, `${next}\n${old}\n`);
  appendFileSync(KEY_FILE, `${next}\n`);
  const held = async (id: string, by: number) => (await get<MasterKeys>(KEYS)).keys.some((one) => one.id === id && one.held_by.length === by); // prettier-ignore
  await until('server and worker have both keys', async () => (await get<MasterKeys>(KEYS)).keys.length === 2 && held(former, 2)); // prettier-ignore
  await until('another key is used', async () => (await call('POST', `${KEYS}/rotate`, {})).status === 200);
  await until('all is wrapped anew', async () => (await get<MasterKeys>(KEYS)).state === 'ready');
  expect((await call('POST', `${KEYS}/forget`, { id: former })).status).toBe(200);
  writeFileSync(KEY_FILE, `${next}\n`);
  await until('nobody has the former one', () => held(former, 0));
}

/** Each place a secret could leak to, as a command that prints all of it. */
const PLACES: Readonly<Record<string, string>> = {
  'etcd, every key and value': `. bin/lib/common.sh; . bin/lib/processes.sh; ctl get --prefix '' `,
  'etcd files': `cat ${HOME}/etcd/member/wal/* ${HOME}/etcd/member/snap/db`,
  'Temporal histories and failures': `cat ${HOME}/temporal/*`,
  'logs of every process': `cat ${HOME}/log/*`,
  'Postgres and Patroni logs': `docker logs $(docker ps -q --filter label=windlass.database=${ID}) 2>&1; cat ${HOME}/data/*/instances/*/data/pgdata/log/* 2>/dev/null; true`,
  'docker inspect': `docker inspect $(docker ps -aq) $(docker service ls -q) $(docker network ls -q)`,
  'a support bundle': `WINDLASS_HOME=${HOME} WINDLASS_URL=${API} bin/windlass support-bundle -f ${HOME}/bundle.tar.gz --listen 0s; tar -xzOf ${HOME}/bundle.tar.gz`,
  'arguments and environments of all processes': `cat /proc/[0-9]*/cmdline 2>/dev/null; for f in /proc/[0-9]*/environ; do cat $f 2>/dev/null; done; true`,
  'files of the instance': `grep -ra . ${HOME}/data 2>/dev/null; true`,
  'API answers': `for p in databases databases/${ID} databases/${ID}/resources databases/${ID}/tasks tasks openapi.json hosts tokens audit audit:export; do curl -s ${API}/v1/$p; done; for t in $(curl -s ${API}/v1/databases/${ID}/tasks | jq -r '.tasks[].task_id'); do curl -s ${API}/v1/databases/${ID}/tasks/$t ${API}/v1/databases/${ID}/tasks/$t/log ${API}/v1/databases/${ID}/tasks/$t/plan; done; curl -s ${API}/metrics`,
};

/** A login that works, one that does not, and one that is revoked: what they show is looked for, too. */
async function useToken(): Promise<void> {
  const { body } = await call<{ token: string; api_token: { id: string } }>('POST', '/v1/tokens', {
    name: 'canary',
    role: 'admin',
  });
  const {
    token,
    api_token: { id },
  } = body;
  appendFileSync(MARK_FILE, `${token.split('_').slice(2).join('_')}\n`);
  const ask = async (shown: string): Promise<number> =>
    (await fetch(`${API}/v1/databases/${ID}`, { headers: { authorization: `Bearer ${shown}` } })).status;
  const encoded = (text: object): string => Buffer.from(JSON.stringify(text)).toString('base64url');
  const jwt = `${encoded({ alg: 'RS256' })}.${encoded({ sub: 'canary' })}.${secret('signature')}`;
  expect([await ask(token), await ask(`wl_${id}_${MARK}`), await ask(secret('token')), await ask(jwt)]).toEqual([200, 401, 401, 401]); // prettier-ignore
  expect((await call('DELETE', `/v1/tokens/${id}`)).status).toBe(204);
  expect(await ask(token)).toBe(401);
}

/** Every payload of a history. */
const textsOf = (history: string): string =>
  [...history.matchAll(/"data": ?"([^"]+)"/g)]
    .map(([, data = '']) => Buffer.from(data, 'base64').toString())
    .join('\n');

/**
 * What Temporal is told and keeps: the message of a failure names a role, arguments name the task. Both are read by the API, and decoded for
 * its UI, and stand nowhere in Temporal's files.
 */
async function expectSealedTemporal({ task_id, error }: Task): Promise<void> {
  expect(error).toContain(NAMED);
  const files = `cat ${HOME}/temporal/*`;
  const count = async (text: string): Promise<number> => Number(await bash(`${files} | grep -a -c -F -- '${text}' || true`)); // prettier-ignore
  const temporal = `"$(. bin/lib/common.sh; . bin/lib/install.sh; find_temporal)" workflow show --address 127.0.0.1:${ENV.WINDLASS_TEMPORAL_PORT} -w database/${ID} -o json`;
  const decoded = textsOf(await bash(`${temporal} --codec-endpoint ${API}/v1/temporal/codec`));
  const kept = await bash(temporal);
  expect(decoded).toContain(task_id);
  expect(decoded).toContain(NAMED);
  expect(kept + textsOf(kept)).not.toMatch(new RegExp(`${task_id}|${NAMED}`));
  expect([await count(NAMED), await count(task_id), (await count(`database/${ID}`)) > 0]).toEqual([0, 0, true]);
}

/** A login of a person, used and refused. */
async function useLogin(): Promise<void> {
  const path = `/v1/databases/${ID}/logins`;
  const { body } = await call<{ login: { username: string }; password: string }>('POST', path, { access: 'read' });
  const { login, password } = body;
  appendFileSync(MARK_FILE, `${password}\n`);
  expect(await sql(ID, 'SELECT 1 AS one', login.username, password)).toEqual([{ one: 1 }]);
  expect((await call('POST', path, { password })).status).toBe(400);
}

/** A user with two passwords. */
async function rotatePassword(): Promise<void> {
  const users = [user(secret('first'))];
  await done(ID, 'POST', `/v1/databases/${ID}`, { spec: specOf(ID, { database_users: users }) });
  const { body } = await call<{ task: Task; username: string; password: string }>('POST', `/v1/databases/${ID}/users/app:rotate`); // prettier-ignore
  const { task, username, password } = body;
  appendFileSync(MARK_FILE, `${password}\n`);
  await completed(ID, task);
  const asks = (name: string, shown: string) => sql(ID, 'SELECT current_user::text AS me', name, shown);
  expect([await asks(username, password), await asks('app', secret('first'))]).toEqual([
    [{ me: 'app' }],
    [{ me: 'app' }],
  ]);
  expect((await call('POST', `/v1/databases/${ID}/users/app:rotate`)).status).toBe(409);
}

test('after a life with failures no secret stands anywhere in clear', async () => {
  await create(ID, { database_users: [user(secret('first'))] });
  await done(ID, 'POST', `/v1/databases/${ID}`, { spec: specOf(ID, { database_users: [user(secret('second'))] }) });
  expect(await sql(ID, 'SELECT 1 AS one', 'app', secret('second'))).toEqual([{ one: 1 }]);
  await call('POST', `/v1/databases/${ID}:plan`, { spec: specOf(ID, { database_users: [user(secret('planned'))] }) });
  await call('POST', `/v1/databases/${ID}`, {
    spec: specOf(ID, { database_users: [user(secret('refused'), { nonsense: secret('field') })] }),
  });
  const users = [user(secret('third')), { username: 'other', password: secret('other'), roles: [NAMED] }];
  const { status } = await call('POST', `/v1/databases/${ID}`, { spec: specOf(ID, { database_users: users }) });
  expect(status).toBe(400); // a role that nobody makes
  const promises = { post_init: [`SELECT '${NAMED}'`] }; // a script that may make it, and does not
  const failing = specOf(ID, { database_users: users, scripts: promises });
  const task = await ended(ID, await accept('POST', `/v1/databases/${ID}`, { spec: failing }));
  expect(task.status).toBe('failed');
  await expectSealedTemporal(task);
  await expect(sql(ID, 'SELECT 1', 'app', secret('wrong'))).rejects.toThrow('password authentication failed');

  const startedAt = () => sql(ID, 'SELECT pg_postmaster_start_time()::text AS at', 'app', secret('second'));
  const before = await startedAt();
  await rotateMasterKey();
  const repository = { type: 'posix', id: 'disk', base_path: '/backups', custom_options: { 'cipher-type': 'aes-256-cbc' } }; // prettier-ignore
  const later = { username: 'later', password: secret('later'), attributes: ['LOGIN'] };
  const more = { database_users: [user(secret('second')), later], backup_config: { repositories: [repository] } };
  await done(ID, 'POST', `/v1/databases/${ID}`, { spec: specOf(ID, more) });
  await done(ID, 'POST', `/v1/databases/${ID}/nodes/n1/backups`, { type: 'full' });
  expect(await sql(ID, 'SELECT 1 AS one', 'later', secret('later'))).toEqual([{ one: 1 }]);
  expect(await startedAt()).toEqual(before);

  await useToken();
  await useLogin();
  await rotatePassword();

  const hits: string[] = [];
  for (const [place, command] of Object.entries(PLACES)) {
    const found = await bash(`{ ${command}; } 2>/dev/null | grep -a -c -F -f ${MARK_FILE} || true`);
    if (found.trim() !== '0') hits.push(`${place}: ${found.trim()}`);
  }
  const bundled = await bash(`tar -tzf ${HOME}/bundle.tar.gz`);
  for (const file of [`databases/${ID}.json`, 'log/server.log', 'audit.json', 'settings.json'])
    expect(bundled).toContain(file);
  process.stderr.write(`canary scan: ${String(Object.keys(PLACES).length)} places, ${String(hits.length)} hits\n`);
  expect(hits).toEqual([]);
});

test('the scan finds a secret where there is one', async () => {
  const found = await bash(`cat ${MARK_FILE} | grep -a -c -F -f ${MARK_FILE} || true`);
  expect(found.trim()).toBe('7'); // of passwords, a client's key, both master keys, the token, the login, and the password that was made
});

test('windlass doctor finds nothing wrong with a stack that runs', async () => {
  const told = await bash(`WINDLASS_HOME=${HOME} WINDLASS_URL=${API} bin/windlass doctor -o json || true`);
  const found = JSON.parse(told) as { what: string; state: string; says: string }[];
  expect(found.filter(({ state }) => state === 'fail' || state === 'skip')).toEqual([]);
  const looked = [
    'api',
    'etcd',
    'host host-1: clock',
    'host host-1: certificates',
    'server: certificates',
    'here: etcd',
  ];
  expect(found.map(({ what }) => what)).toEqual(expect.arrayContaining(looked));
});
