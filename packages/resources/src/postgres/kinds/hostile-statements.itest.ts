import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import { afterRecovery } from '../restore/recovery-files.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { hostileSeed, hostileText } from '../../testing/hostile-values.ts';
import { acceptedNames, makeNamed, type Names } from '../../testing/named-things.ts';
import { loadSqlParser } from '../spec/index.ts';

const CASES = 100;
const IMAGE = process.env['WINDLASS_POSTGRES_IMAGE'] ?? 'windlass/postgres:17';
const CONTAINER = `windlass-hostile-${process.pid.toString(36)}`;
const docker = (args: readonly string[], input = ''): string =>
  execFileSync('docker', args, { input, encoding: 'utf8' });
const START = `export PGDATA=/tmp/pg; initdb --no-sync -U windlass -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
echo 'host all all all trust' >> $PGDATA/pg_hba.conf; exec postgres -k /tmp -c listen_addresses='*' -c fsync=off`;

let client: pg.Client;
let fake: Clients;
beforeAll(async () => {
  await loadSqlParser();
  fake = await createFakeClients(tmpdir());
  docker(['run', '-d', '--rm', '--name', CONTAINER, '--tmpfs', '/tmp:exec', '--entrypoint', 'bash', IMAGE, '-c', START]); // prettier-ignore
  const host = docker(['inspect', '-f', '{{.NetworkSettings.IPAddress}}', CONTAINER]).trim();
  client = await connected({ host, user: 'windlass', database: 'postgres' });
}, 110_000);
afterAll(async () => {
  await client.end();
  docker(['rm', '-f', CONTAINER]);
});

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  for (let left = 300; ; left -= 1) {
    const one = new pg.Client(config);
    try {
      await one.connect();
      return one;
    } catch (err) {
      if (left === 0) throw err;
      await sleep(200);
    }
  }
}

const query = async (sql: string, params: unknown[] = []): Promise<never[]> => {
  const result = (await client.query(params.length === 0 ? { text: sql } : { text: sql, values: params })) as unknown;
  return ((Array.isArray(result) ? result.at(-1) : result) as { rows: never[] }).rows;
};
const session = {
  query,
  identifier: (name: string) => pg.escapeIdentifier(name),
  literal: (text: string) => pg.escapeLiteral(text),
} as unknown as PostgresSession;
const namesOf = async (column: string, from: string): Promise<string[]> =>
  (await query(`SELECT ${column} AS name FROM ${from}`)).map(({ name }) => name);

test('on a real Postgres hostile names are names, byte for byte, and nothing else', async () => {
  const texts = fc.sample(hostileText('windlass_canary'), { seed: hostileSeed() + 1, numRuns: 3 * CASES }).map(({ text }) => text); // prettier-ignore
  const before = await namesOf('rolname', 'pg_roles WHERE rolsuper');
  const made: Names[] = [];
  for (let i = 0; i < CASES; i += 1) {
    const plain = { database: `database ${String(i)}`, owner: `owner ${String(i)}`, group: `group ${String(i)}` };
    const [database = '', owner = '', group = ''] = texts.slice(3 * i, 3 * i + 3);
    const taken = [...made.flatMap((one) => Object.values(one) as string[])];
    const names = acceptedNames(plain, { database, owner, group });
    if (!names || Object.values(names).some((name: string) => taken.includes(name))) continue;
    await makeNamed(fake, names, session);
    made.push(names);
  }
  expect(made.length).toBeGreaterThan(CASES / 3);
  expect(await namesOf('rolname', 'pg_roles')).toEqual(expect.arrayContaining(made.flatMap(({ owner, group }) => [owner, group]))); // prettier-ignore
  expect(await namesOf('datname', 'pg_database')).toEqual(expect.arrayContaining(made.map(({ database }) => database)));
  expect(await query(`SELECT d.datname AS database, r.rolname AS owner, g.rolname AS group FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
    JOIN pg_auth_members m ON m.member = r.oid JOIN pg_roles g ON g.oid = m.roleid`)).toEqual(expect.arrayContaining(made)); // prettier-ignore
  const renamed = made.map(({ database }, i) => ({ sourceName: database, databaseName: made[i]?.owner ?? '' }));
  const free = renamed.filter(({ databaseName }) => !made.some(({ database }) => database === databaseName));
  const after = free.map((one) => afterRecovery({ ...one, foreign: false })).join('\n');
  docker(['exec', '-i', CONTAINER, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', '/tmp', '-U', 'windlass', '-d', 'postgres', '-f', '-'], after); // prettier-ignore
  expect(await namesOf('datname', 'pg_database')).toEqual(expect.arrayContaining(free.map(({ databaseName }) => databaseName))); // prettier-ignore
  expect(await namesOf('rolname', 'pg_roles WHERE rolsuper')).toEqual(before);
  expect(await namesOf('relname', `pg_class WHERE relname LIKE '%canary%'`)).toEqual([]);
  expect(docker(['exec', CONTAINER, 'sh', '-c', 'find / -xdev -name "*canary*" -not -path "/proc/*" 2>/dev/null; find /tmp -name "*canary*"'])).toBe(''); // prettier-ignore
}, 110_000);
