import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { LOG_LINE, PASSWORD, UNTIL } from '../../server/src/testing/live-answers.ts';
import { createPrograms } from './programs.ts';
import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import { PRIMARY, REPLICA, type TestServer } from './testing/server.ts';

let server: TestServer;
let cli: TestCommand;
eachTest((now) => ([server, cli] = now));

interface Started {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, { readonly mode: number; readonly text: string }>>;
}
/** A psql that ends with this status; what it was started with. */
async function psql(args: readonly string[], status = 0) {
  let started: Started | undefined;
  const look = (file = '') => ({ mode: statSync(file).mode & 0o777, text: readFileSync(file, 'utf8') });
  const run = (_name: string, given: readonly string[], env: Readonly<Record<string, string>>) => {
    const files = { ca: look(env['PGSSLROOTCERT']), passwords: look(env['PGPASSFILE']) };
    started = { args: given, env, files };
    return Promise.resolve(status);
  };
  const ran = await cli.windlass(['db', 'psql', ...args], { programs: { has: () => true, run } });
  return { ...ran, started };
}
const asked = () => server.fixture.temporal.executed.map(({ input }) => input);
const wishes = () => server.fixture.temporal.executed.map(({ input }) => (input as { wish: object }).wish);

test('psql is started with a login of its own, verifies the server, and leaves nothing behind', async () => {
  Object.assign(cli.env, { PGPASSWORD: 'mine', PGSERVICE: 'mine', PGOPTIONS: '-c work_mem=8MB', TMPDIR: cli.cwd });
  const { code, out, err, started } = await psql(['shop', '--', '-c', 'SELECT 1']);
  const username = started?.env['PGUSER'] ?? '';
  expect([code, out, err]).toEqual([0, '', `${username} at n1 works as app until ${UNTIL}\n`]);
  expect(started).toMatchObject({
    args: ['-c', 'SELECT 1'],
    env: {
      ...{ PGHOST: '192.0.2.1,192.0.2.1', PGPORT: '5433,5433', PGDATABASE: 'shop', PGSSLMODE: 'verify-full' },
      ...{ PGTARGETSESSIONATTRS: 'read-write', PGOPTIONS: '-c work_mem=8MB', HOME: cli.cwd },
    },
    files: {
      ca: { mode: 0o600, text: server.fixture.deps.caPem },
      passwords: { mode: 0o600, text: `*:*:*:${username}:${PASSWORD}\n` },
    },
  });
  expect(JSON.stringify([started?.args, started?.env])).not.toMatch(new RegExp(`${PASSWORD}|PGPASSWORD|PGSERVICE`));
  expect(existsSync(path.dirname(started?.env['PGPASSFILE'] ?? ''))).toBe(false);
});

test('ends as psql ends, and leaves nothing behind then either', async () => {
  const { code, err, started } = await psql(['shop'], 3);
  expect([code, err]).toEqual([3, expect.not.stringContaining('windlass:')]);
  expect(existsSync(started?.env['PGPASSFILE'] ?? '')).toBe(false);
});

test.each([
  [['--user', 'app', '--for', '10m'], { access: 'user', user: 'app', seconds: 600 }],
  [['--read-only', '--node', 'n1'], { access: 'read', seconds: 3600 }],
  [['--superuser'], { access: 'superuser' }],
])('%j asks for %j', async (flags, wish) => {
  const { code, started } = await psql(['shop', ...flags]);
  const target = flags.includes('--read-only') ? 'primary' : 'read-write';
  expect([code, started?.env['PGTARGETSESSIONATTRS']]).toEqual([0, target]);
  expect(wishes()).toMatchObject([wish]);
});

test('what does not go together, and a machine without psql, get no login', async () => {
  expect(await psql(['shop', '--user', 'app', '--read-only'])).toMatchObject({ code: 2 });
  const programs = createPrograms({ PATH: cli.cwd });
  const { code, err } = await cli.windlass(['db', 'psql', 'shop'], { programs });
  expect([code, err]).toEqual([1, expect.stringMatching(/psql is not in PATH; install it: apt install/)]);
  expect(wishes()).toEqual([]);
});

test('dsn verifies the server with a certificate that it keeps', async () => {
  const { out } = await cli.windlass(['db', 'dsn', 'shop', '--user', 'app', '--read']);
  const [, file = ''] = /sslmode=verify-full&sslrootcert=([^&]+)&/.exec(out) ?? [];
  expect(out).toMatch(/^postgresql:\/\/app@192\.0\.2\.1:5433,192\.0\.2\.1:5433\/shop\?target_session_attrs=prefer-standby&/);
  expect(readFileSync(decodeURIComponent(file), 'utf8')).toBe(server.fixture.deps.caPem);
}); // prettier-ignore

test('logs are those of the primary, or of an instance; following goes on until Ctrl-C', async () => {
  expect(await cli.windlass(['db', 'logs', 'shop', '--since', '10m'])).toMatchObject({ code: 0, out: 'LOG:  ready\n' });
  await cli.windlass(['db', 'logs', 'shop', '--instance', REPLICA, '--since', '2026-01-31T12:00:00Z', '--lines', '5']);
  expect(asked()).toMatchObject([
    { instanceId: PRIMARY, query: { most: 200, since: expect.stringMatching(/Z$/) as string } },
    { instanceId: REPLICA, query: { most: 5, since: '2026-01-31T12:00:00.000Z' } },
  ]);
  const interrupted = AbortSignal.timeout(2500);
  const followed = await cli.windlass(['db', 'logs', 'shop', '--follow'], { interrupted });
  expect([followed.code, followed.out]).toEqual([130, 'LOG:  ready\n']);
  expect(asked().at(-1)).toMatchObject({ query: { after: LOG_LINE.at, most: 1000 } });
});

test('a rotated password goes to the output alone, also while the task is only accepted', async () => {
  const { kv } = server.fixture;
  const stored = await databaseSpecs.get(kv, 'shop');
  await kv.commit([], [databaseSpecs.put({ ...stored!.value, passwordVersions: { app: 'known' } }, 'shop')]);
  const { code, out, err } = await cli.windlass(['user', 'rotate', 'shop', 'app', '--grace', '1h']);
  expect([code, out]).toEqual([0, expect.stringMatching(/^[\w-]{32}\n$/)]);
  expect(err).toMatch(/^log in as app_alt; app is good until .*Z\ntask .*: update of database shop is pending\n/);
  expect((await cli.windlass(['user', 'rotate', 'shop', 'nobody'])).code).toBe(4);
});

test('a program has its status, and the environment it is given', async () => {
  const programs = createPrograms(process.env);
  expect([programs.has('sh'), programs.has('no-such-program')]).toEqual([true, false]);
  expect(await programs.run('sh', ['-c', 'exit $N'], { N: '7', PATH: process.env['PATH'] ?? '' })).toBe(7);
  expect(await programs.run('sh', ['-c', 'kill -TERM $$'], { PATH: process.env['PATH'] ?? '' })).toBe(143);
  await expect(programs.run('no-such-program', [], {})).rejects.toThrow(/ENOENT/);
});
