import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { appendLog } from '@windlass/resources/tasks';
import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import { REPLICA, TASK, type TestServer } from './testing/server.ts';

let server: TestServer;
let cli: TestCommand;
eachTest((now) => ([server, cli] = now));

const SHOP = `kind: database
id: shop
spec:
  database_name: shop
  database_users:
    - username: app
      password: \${env:APP_PASSWORD}
      db_owner: true
    - username: reader
      password: \${file:reader.password}
  nodes:
    - name: n1
      host_ids: [host-1, host-2]
`;
const write = (name: string, text: string) => writeFileSync(path.join(cli.cwd, name), text);
const declare = (text = SHOP) => {
  write('shop.yaml', text);
  write('reader.password', 'quiet-one\n');
  cli.env['APP_PASSWORD'] = 'hush-hush';
};

test('lists and single ones in every format', async () => {
  expect((await cli.windlass(['get', 'databases'])).out).toMatch(/^ID +STATE.*\nshop +/);
  expect((await cli.windlass(['get', 'hosts', '-o', 'name'])).out).toBe('host/host-1\nhost/host-2\nhost/host-3\n');
  expect(JSON.parse((await cli.windlass(['get', 'database', 'shop', '-o', 'json'])).out)).toMatchObject({ id: 'shop' });
  expect((await cli.windlass(['get', 'database', 'shop', '-o', 'yaml'])).out).toContain('id: shop\n');
  expect((await cli.windlass(['get', 'databases', '-o', 'wide'])).out).toContain('UPDATED AT');
  const described = (await cli.windlass(['describe', 'database', 'shop'])).out;
  for (const part of ['Instances', REPLICA, 'primary', 'Last tasks', TASK]) expect(described).toContain(part);
  expect(described).not.toContain('Why');
});

test.each([
  ['2: an unknown kind names those there are', ['get', 'gadgets'], 2, 'there are databases, hosts'],
  ['2: an unknown command', ['gte'], 2, 'Did you mean get'],
  ['2: without an answer nothing is deleted', ['delete', 'database', 'shop'], 2, '--yes'],
  ['4: no such instance', ['stop', 'shop', 'shop-n1-none'], 4, 'not_found'],
  ['3: refused', ['start', 'shop', REPLICA], 3, 'invalid_input'],
  ['3: nothing to undo', ['restore', 'shop', '--undo', '--yes'], 3, 'operation_refused'],
  ['4: no such node', ['node', 'remove', 'shop', 'n9', '--yes'], 4, 'n9'],
  ['3: the last node', ['node', 'remove', 'shop', 'n1', '--yes'], 3, 'nodes'],
  ['4: not found', ['get', 'database', 'none'], 4, 'database not found'],
  ['5: not in time', ['stop', 'shop', REPLICA, '--wait', '--timeout', '0s'], 5, 'is still'],
])('ends with %s', async (_what, args, code, words) => {
  const ran = await cli.windlass(args);
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)]);
});

test('a plan in colour for people, without for files and NO_COLOR; secrets come from the environment and from files', async () => {
  declare();
  const planned = await cli.windlass(['apply', '-f', 'shop.yaml', '--dry-run']);
  expect([planned.code, planned.out]).toEqual([
    0,
    expect.stringContaining('+ create postgres.role::shop-n1-reader because it does not exist'),
  ]);
  expect((await cli.windlass(['plan', '-f', 'shop.yaml'], { isTTY: true })).out).toContain('\u001b[32m+ create');
  cli.env['NO_COLOR'] = '1';
  expect((await cli.windlass(['plan', '-f', 'shop.yaml'], { isTTY: true })).out).toBe(planned.out);
  expect(server.fixture.temporal.started).toEqual([]);
  expect((await cli.windlass(['apply', '-f', 'shop.yaml'])).code).toBe(2);
  const done = await cli.windlass(['apply', '-f', 'shop.yaml'], { confirm: () => Promise.resolve(true) });
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('update of database shop is pending')]);
  expect(server.fixture.temporal.started).toMatchObject([{ type: 'updateDatabase' }]);
});

test('an error says file, line and column, and the nearest known field', async () => {
  declare(SHOP.replace('db_owner', 'db_owmer'));
  const wrong = await cli.windlass(['apply', '-f', 'shop.yaml', '--yes']);
  expect(wrong.code).toBe(3);
  expect(wrong.err).toContain('shop.yaml:8:7: ');
  expect(wrong.err).toContain('did you mean "db_owner"');
  declare('id: [');
  expect((await cli.windlass(['plan', '-f', 'shop.yaml'])).err).toContain('shop.yaml:1:6');
  declare(SHOP.replace('APP_PASSWORD', 'NOT_SET'));
  const unset = await cli.windlass(['plan', '-f', 'shop.yaml']);
  expect([unset.code, unset.err]).toEqual([
    2,
    expect.stringContaining('shop.yaml:7:17: the environment has no NOT_SET'),
  ]);
});

test('what is exported is declared again without a difference; many documents, a folder, the input', async () => {
  const exported = (await cli.windlass(['export', 'database', 'shop', '-o', 'yaml'])).out;
  write('back.yaml', exported);
  expect((await cli.windlass(['diff', '-f', 'back.yaml', '-o', 'json'])).out).toBe('[]\n');
  write(
    'back.yaml',
    `${exported.replace('shop', 'other')}---\n${exported.replace('database_name: shop', 'database_name: till')}`,
  );
  const { out } = await cli.windlass(['diff', '-f', '.']);
  expect(out).toContain('- database_name: "shop"\n+ database_name: "till"');
  expect((await cli.windlass(['diff', '-f', '-'], { readInput: () => Promise.resolve(exported) })).out).toBe(
    'database shop\n',
  );
});

test('an editor changes a declaration, and leaves nothing behind', async () => {
  cli.env['EDITOR'] = `sed -i 's/host_ids:/host_ids: /'`;
  expect(await cli.windlass(['edit', 'database', 'shop', '--yes'])).toMatchObject({ code: 0 });
  cli.env['EDITOR'] = 'true';
  expect((await cli.windlass(['edit', 'database', 'shop'])).err).toBe('nothing was changed\n');
  cli.env['EDITOR'] = 'false';
  expect((await cli.windlass(['edit', 'database', 'shop'])).code).toBe(1);
});

test('Ctrl-C leaves the task running and says how to watch or cancel it', async () => {
  const stop = new AbortController();
  const running = cli.windlass(['stop', 'shop', REPLICA, '--wait'], { interrupted: stop.signal });
  const isAccepted = async (): Promise<boolean> =>
    JSON.stringify((await server.fixture.call('GET', '/v1/tasks?limit=1')).body).includes('"type":"stop');
  while (!(await isAccepted())) await new Promise(setImmediate);
  stop.abort();
  const { code, err } = await running;
  expect([code, err]).toEqual([
    130,
    expect.stringMatching(/goes on\nwatch: windlass task watch .*\ncancel: windlass task cancel /),
  ]);
  expect((await server.fixture.call('GET', '/v1/tasks?limit=1')).body).toMatchObject({
    tasks: [{ status: 'pending' }],
  });
});

test('a viewer is told the role that is missing; contexts hold tokens, for their owner alone', async () => {
  const token = (await cli.windlass(['token', 'create', 'ci', '--role', 'viewer'])).out;
  const added = ['context', 'add', 'here', '--url', server.url, '--token-file', '-'];
  expect((await cli.windlass(added, { readInput: () => Promise.resolve(token) })).code).toBe(0);
  delete cli.env['WINDLASS_URL'];
  const file = path.join(cli.cwd, '.config/windlass/contexts.json');
  expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([0o600, expect.stringContaining('wl_')]);
  expect((await cli.windlass(['context', 'list'])).out).not.toContain('wl_');
  expect((await cli.windlass(['get', 'databases'])).code).toBe(0);
  const refused = await cli.windlass(['delete', 'database', 'shop', '--yes']);
  expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('missing role: admin')]);
  expect((await cli.windlass(['--context', 'none', 'get', 'databases'])).code).toBe(2);
});

test('a token may be for tenants; who has one is told which is missing', async () => {
  const made = await cli.windlass(['token', 'create', 'acme-ci', '--role', 'admin', '--tenant', 'acme', '--tenant', 'globex']); // prettier-ignore
  expect(made.err).toContain('of acme-ci, admin for acme, globex, until');
  expect((await cli.windlass(['token', 'list'])).out).toContain('acme,globex');
  cli.env['WINDLASS_TOKEN'] = made.out.trim();
  const refused = await cli.windlass(['host', 'list']);
  expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('missing tenant: all of them')]);
  delete cli.env['WINDLASS_TOKEN'];
});

test('a token of a context is not shown to another server', async () => {
  const shown: (string | undefined)[] = [];
  server.fixture.app.server.on('request', (request: { headers: { authorization?: string } }) =>
    shown.push(request.headers.authorization),
  );
  await cli.windlass(['context', 'add', 'there', '--url', 'http://127.0.0.1:1', '--token-file', '-'], {
    readInput: () => Promise.resolve('wl_x'),
  });
  expect((await cli.windlass(['get', 'hosts'])).code).toBe(0);
  expect(new Set(shown)).toEqual(new Set([undefined]));
});

test('a change by somebody else while a declaration is edited is not undone', async () => {
  const confirm = async () => {
    const { kv } = server.fixture;
    const row = await databaseSpecs.get(kv, 'shop');
    await kv.commit([], [databaseSpecs.put(row!.value, 'shop')]);
    return true;
  };
  const { code, err } = await cli.windlass(['node', 'add', 'shop', 'n2', '--host', 'host-3'], { confirm });
  expect([code, err]).toEqual([3, expect.stringContaining('revision_conflict')]);
});

test('the schema for editors is that of the server; of what is not declared there is none', async () => {
  const { out } = await cli.windlass(['schema']);
  expect(JSON.parse(out)).toMatchObject({
    properties: { kind: { const: 'database' } },
    required: ['kind', 'id', 'spec'],
  });
  expect((await cli.windlass(['schema', 'host'])).code).toBe(4);
});

test('where nobody looks its log is written line by line, without colours', async () => {
  const id = (await cli.windlass(['stop', 'shop', REPLICA, '-o', 'name'])).out.trim().replace('task/', '');
  await appendLog(server.fixture.kv, { scope: 'database', entityId: 'shop', taskId: id }, 'stopping Postgres');
  const { code, err } = await cli.windlass(['task', 'watch', id, '--timeout', '0s']);
  expect([code, err]).toEqual([5, expect.stringMatching(/Z stopping Postgres\nwindlass: task .* is still pending/)]);
});

test('a database from flags: the plan, a question, and a password that is shown once', async () => {
  const args = ['db', 'create', 'new-shop', '--host', 'host-1', 'host-2'];
  const refused = await cli.windlass(args);
  expect([refused.code, refused.out]).toEqual([2, expect.stringContaining('+ create ')]);
  expect(server.fixture.temporal.started).toEqual([]);
  const made = await cli.windlass(args, { confirm: () => Promise.resolve(true) });
  expect([made.code, made.err]).toEqual([0, expect.stringMatching(/^password of app, shown this once: [\w-]{24}\n/)]);
  const { spec } = JSON.parse((await cli.windlass(['get', 'database', 'new-shop', '-o', 'json'])).out) as {
    spec: object;
  };
  expect(spec).toMatchObject({
    database_name: 'new_shop',
    port: 0,
    nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }],
    database_users: [{ username: 'app', db_owner: true }],
  });
  const again = await cli.windlass([...args, '--yes']);
  expect([again.code, again.err]).toEqual([3, expect.stringContaining('already: windlass edit database new-shop')]);
  const told = ['db', 'create', 'other', '--host', 'host-1', '--password-file', '-', '--yes'];
  const input = (text: string) => ({ readInput: () => Promise.resolve(text) });
  expect((await cli.windlass(told, input('hush-hush\n'))).err).not.toContain('password');
  expect((await cli.windlass(told.with(2, 'third'), input('\n'))).code).toBe(2);
  expect((await cli.windlass(['db', 'create', 'third', '--host', 'host-1', '--port', 'x'])).code).toBe(2);
});

test('a clone is declared from the repository of its source; without backups there is nothing to begin from', async () => {
  const args = ['clone', 'shop', 'copy', '--host', 'host-3', '--yes'];
  expect(await cli.windlass(args)).toMatchObject({ code: 3, err: expect.stringContaining('no backup_config') });
  const { kv } = server.fixture;
  const stored = (await databaseSpecs.get(kv, 'shop'))!.value;
  const backup_config = { repositories: [{ type: 'posix' as const, base_path: '/b', retention_full: 2 }] };
  await kv.commit([], [databaseSpecs.put({ ...stored, spec: { ...stored.spec, backup_config } }, 'shop')]);
  const restoreOf = async (id: string) => {
    const { out } = await cli.windlass(['get', 'database', id, '-o', 'json']);
    return (JSON.parse(out) as { spec: { restore_config: object } }).spec;
  };
  expect((await cli.windlass(args)).code).toBe(0);
  expect(await restoreOf('copy')).toMatchObject({
    database_name: 'shop',
    postgres_version: '17.6',
    nodes: [{ name: 'n1', host_ids: ['host-3'] }],
    restore_config: { source_database_id: 'shop', source_node_name: 'n1', restore_options: { type: 'default' }, repository: { base_path: '/b' } }, // prettier-ignore
  });
  expect((await cli.windlass([...args.with(2, 'then'), '--to', '2026-01-31T12:30:00Z'])).code).toBe(0);
  expect(await restoreOf('then')).toMatchObject({ restore_config: { restore_options: { type: 'time', target: '2026-01-31 12:30:00.000+00' } } }); // prettier-ignore
  expect((await cli.windlass([...args.with(2, 'x'), '--node', 'n7'])).code).toBe(4);
});
