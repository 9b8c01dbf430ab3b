import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '@windlass/client/json';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { appendLog } from '@windlass/resources/tasks';
import { Redactor } from './bundle/redact.ts';
import { secretNames } from './declarations/difference.ts';
import type { TestCommand } from './testing/command.ts';
import { eachTest } from './testing/each-test.ts';
import { REPLICA, TASK, type TestServer } from './testing/server.ts';

let server: TestServer;
let cli: TestCommand;
eachTest((now) => ([server, cli] = now));

const CANARY = 'canary-4711';

/** A secret in every form that has one. */
const FORMS = [
  `wl_abc_${CANARY}xyz`,
  `PGEDGE-aa-${CANARY}`,
  `SWMTKN-1-${CANARY}`,
  `Bearer ${CANARY}`,
  `eyJhbGciOiJ9.eyJ${CANARY}.sig`,
  `postgresql://app:${CANARY}@192.0.2.1:5432/shop`,
  `ALTER ROLE app PASSWORD '${CANARY}''s'`,
  `SCRAM-SHA-256$4096:${CANARY}$x:y`,
  `password=${CANARY} host=x`,
  `{"password":"${CANARY} and more","s3_key_secret": "${CANARY}"}`,
  `{\\"api_key\\":\\"${CANARY}\\"}`,
  `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----`,
  `AWS_SECRET_ACCESS_KEY=${CANARY}`,
  `passphrase: '${CANARY} is long'`,
];

test.each(FORMS)('a secret in the form %s is taken out of a text', (form) => {
  expect(new Redactor().text(`before ${form} after`)).not.toContain('4711');
  expect(new Redactor().text(`before ${form}\nafter`)).toMatch(/^before [\s\S]*after$/);
});

test('what is no secret stays', () => {
  const text = 'task 0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f10 of shop: creating resource postgres.role::shop-n1-app at https://192.0.2.1:3000/v1 {"token_id":"x1"}'; // prettier-ignore
  expect(new Redactor().text(text)).toBe(text);
});

/** A spec as its schema would have it, with a canary for every text, under every name. */
function planted(schema: unknown, schemas: Readonly<Record<string, unknown>>, seen: readonly string[] = []): unknown {
  if (!isObject(schema)) return CANARY;
  const { $ref, type, properties, items, additionalProperties } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return seen.includes(name) ? undefined : planted(schemas[name], schemas, [...seen, name]);
  }
  const [choice] = [schema['anyOf'], schema['oneOf']].find(Array.isArray) ?? [];
  if (choice !== undefined) return planted(choice, schemas, seen);
  if (type === 'array') return [planted(items, schemas, seen)];
  if (isObject(properties))
    return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, planted(one, schemas, seen)]));
  if (isObject(additionalProperties)) return { [CANARY]: CANARY, max_connections: CANARY };
  return type === 'string' || type === undefined ? CANARY : 1;
}

test('of a spec only texts that are known to be harmless are passed on: none that is secret, none that its owner may write as he likes', async () => {
  const { body } = await server.fixture.call('GET', '/v1/openapi.json');
  const { schemas } = body['components'] as { schemas: Record<string, unknown> };
  const spec = planted(schemas['DatabaseSpecInput'] ?? schemas['DatabaseSpec'], schemas);
  const kept: string[] = [];
  const look = (value: unknown, name: string): void => {
    if (Array.isArray(value)) value.forEach((one) => look(one, name));
    else if (isObject(value)) Object.entries(value).forEach(([key, one]) => look(one, key));
    else if (typeof value === 'string' && value.includes(CANARY)) kept.push(name);
  };
  look(new Redactor().value({ spec }), '');
  const secret = secretNames(body);
  expect(secret.size).toBeGreaterThan(3);
  expect(kept.filter((name) => secret.has(name) || /key|pass|secret|conf|script|post_|option|label|config/.test(name))).toEqual([]); // prettier-ignore
  expect(kept).toEqual(expect.arrayContaining(['database_name', 'username', 'host_ids', 's3_bucket']));
});

test('one file that only its owner reads, with what is known, and without a canary that was planted wherever one can be', async () => {
  const { kv } = server.fixture;
  const stored = (await databaseSpecs.get(kv, 'shop'))!.value;
  const spec = {
    ...stored.spec,
    scripts: { post_init: [`SELECT '${CANARY}'`] },
    postgresql_conf: { log_line_prefix: `x ${CANARY}`, work_mem: '64MB' },
  };
  await kv.commit([], [databaseSpecs.put({ ...stored, spec }, 'shop')]);
  const task = { scope: 'database' as const, entityId: 'shop', taskId: TASK };
  for (const form of FORMS)
    await appendLog(kv, task, `it said ${form}`, { password: CANARY, nested: { api_key: CANARY } });
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(cli.cwd, name)), { recursive: true });
    writeFileSync(path.join(cli.cwd, name), text);
  };
  Object.assign(cli.env, { WINDLASS_HOME: path.join(cli.cwd, 'home'), PATH: process.env['PATH'] });
  write('home/secrets/master.key', `${'ab12'.repeat(14)}${CANARY}`);
  write('home/log/server.log', [...FORMS, `the key is ${'ab12'.repeat(14)}${CANARY}`, 'server ready'].join('\n'));
  cli.env['WINDLASS_TOKEN'] = (await cli.windlass(['token', 'create', 'mine', '--role', 'admin'])).out.trim();
  await cli.windlass(['stop', 'shop', REPLICA]);

  const { code, out } = await cli.windlass(['support-bundle', '--file', 'b.tar.gz', '--listen', '1s']);
  expect([code, out, statSync(path.join(cli.cwd, 'b.tar.gz')).mode & 0o777]).toEqual([0, `${cli.cwd}/b.tar.gz\n`, 0o600]); // prettier-ignore
  mkdirSync(path.join(cli.cwd, 'out'));
  execFileSync('tar', ['-xzf', 'b.tar.gz', '-C', 'out', '--strip-components=1'], { cwd: cli.cwd });
  const all = execFileSync('tar', ['-xzOf', 'b.tar.gz'], { cwd: cli.cwd, encoding: 'utf8' });
  expect(readdirSync(path.join(cli.cwd, 'out')).sort()).toEqual(
    ['audit.json', 'databases', 'databases.json', 'doctor.json', 'events.jsonl', 'hosts.json', 'log', 'missing.json', 'readyz.json', 'settings.json', 'tasks', 'tasks.json', 'tool.json', 'version.json'], // prettier-ignore
  );
  expect(all.split('\n').filter((line) => line.includes('4711'))).toEqual([]);
  expect(all).not.toContain(cli.env['WINDLASS_TOKEN']?.split('_').slice(2).join('_'));
  for (const kept of ['server ready', '"work_mem": "64MB"', 'stop-instance', REPLICA, 'it said ', '"name": "etcd"'])
    expect(all).toContain(kept);
});

test('where something does not answer the rest is collected, and it is told what is missing', async () => {
  cli.env['WINDLASS_URL'] = 'http://127.0.0.1:1';
  expect(await cli.windlass(['support-bundle', '-f', 'b.tar.gz', '--listen', '0s'])).toMatchObject({ code: 0 });
  const missing = execFileSync('tar', ['-xzOf', 'b.tar.gz', '--wildcards', '*/missing.json'], { cwd: cli.cwd, encoding: 'utf8' }); // prettier-ignore
  expect(JSON.parse(missing)).toMatchObject({ 'databases.json': expect.stringContaining('does not answer') });
});
