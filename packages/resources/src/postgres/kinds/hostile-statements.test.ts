import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { loadModule, parseSync } from 'libpg-query';
import pg from 'pg';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { hostileSeed, hostileText } from '../../testing/hostile-values.ts';
import { acceptedNames, makeNamed, type Names } from '../../testing/named-things.ts';
import { loadSqlParser } from '../spec/index.ts';

const CASES = 500;
const PLAIN: Names = { database: 'plain_database', owner: 'plain_owner', group: 'plain_group' };
const texts = fc.sample(hostileText('windlass_canary'), { seed: hostileSeed(), numRuns: 3 * CASES }).map(({ text }) => text); // prettier-ignore

let fake: Clients;
beforeAll(async () => {
  await Promise.all([loadModule(), loadSqlParser()]);
  fake = await createFakeClients(tmpdir());
});

/** Everything that is said to Postgres to make what has these names. */
async function statementsOf(names: Names): Promise<string[]> {
  const said: string[] = [];
  const session = {
    query: (sql: string) => (said.push(sql), Promise.resolve([])),
    identifier: (name: string) => pg.escapeIdentifier(name),
    literal: (text: string) => pg.escapeLiteral(text),
  } as unknown as PostgresSession;
  await makeNamed(fake, names, session);
  return said;
}

const leaf = (value: unknown): value is string => typeof value === 'string';

/** Where two statements differ, as Postgres reads them, in more than that the names of one stand for those of the other. */
function difference(one: unknown, other: unknown, names: ReadonlyMap<string, string>, at = ''): string | undefined {
  if (leaf(one) && leaf(other)) return one === other || names.get(other) === one ? undefined : `${at}: ${one}`;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other ? undefined : at;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => !/^(location|stmt_(len|location))$/.test(key)); // prettier-ignore
  const inside = (value: object, key: string): unknown => (value as Record<string, unknown>)[key];
  return keys.map((key) => difference(inside(one, key), inside(other, key), names, `${at}.${key}`)).find(Boolean);
}

test('whatever names a spec is accepted with, Postgres is told the same as of plain ones', async () => {
  const plain = (await statementsOf(PLAIN)).map((sql) => parseSync(sql));
  expect(JSON.stringify(plain)).toMatch(/CreateRoleStmt.*GrantRoleStmt.*CreatedbStmt/);
  const found: string[] = [];
  let accepted = 0;
  for (let i = 0; i < CASES; i += 1) {
    const [database = '', owner = '', group = ''] = texts.slice(3 * i, 3 * i + 3);
    const wanted = acceptedNames(PLAIN, { database, owner, group });
    if (!wanted) continue;
    accepted += 1;
    const stands = new Map((['database', 'owner', 'group'] as const).map((key) => [PLAIN[key], wanted[key]]));
    const read = (await statementsOf(wanted)).map((sql) => parseSync(sql));
    const differs = difference(read, plain, stands);
    if (differs !== undefined) found.push(`${JSON.stringify(wanted)}: ${differs}`);
  }
  expect(found).toEqual([]);
  expect(accepted).toBeGreaterThan(CASES / 2);
}, 200_000);
