import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkAudit, type AuditMark } from '@windlass/resources/audit';
import { apiTokens, hostRecords, type Role } from '@windlass/resources/platform/records';
import { matchesScramVerifier } from '@windlass/resources/postgres/spec';
import { createSecrets, keys, openEtcdKv, type Kv } from '@windlass/resources/store';
import { aBox } from '@windlass/resources/testing';
import { openRealEtcd, type RealEtcd } from '@windlass/resources/testing/etcd';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { newToken } from './core/door/api-token.ts';
import { hostNow, openFixture, shopSpec, type Fixture } from './testing/fixture.ts';

/** Two servers, each with a connection of its own to one etcd. */
let etcd: RealEtcd;
let stores: Kv[];
let fixture: Fixture;
let servers: FastifyInstance[];
beforeAll(async () => {
  etcd = await openRealEtcd();
  stores = [await openEtcdKv(etcd.connection), await openEtcdKv(etcd.connection)];
  fixture = await openFixture('', () => new Date(), { kv: stores[0]! });
  const cluster = { put: keys.cluster, value: { id: 'c1', createdAt: new Date().toISOString() } };
  await stores[0]!.commit([], [cluster, hostRecords.put(hostNow(), 'host-1')]);
  servers = await Promise.all(stores.map((kv) => buildApp({ ...fixture.deps, kv, box: aBox(kv, fixture.membership.masterKeys) }, false, { loginOnLoopback: true }))); // prettier-ignore
});
afterAll(async () => {
  for (const one of [...servers, fixture.app]) await one.close();
  for (const one of stores) await one.close();
  await etcd.close();
});

async function login(role: Role): Promise<{ readonly id: string; readonly authorization: string }> {
  const { id, token, hash } = newToken();
  const at = new Date();
  const expiresAt = new Date(at.getTime() + 86_400_000).toISOString();
  await stores[0]!.commit([], [apiTokens.put({ id, name: role, role, hash, createdAt: at.toISOString(), expiresAt }, id)]); // prettier-ignore
  return { id, authorization: `Bearer ${token}` };
}
async function ask(
  server: number,
  authorization: string,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: object,
) {
  const answer = await servers[server]!.inject({ method, url, headers: { authorization }, ...(body && { payload: body }) }); // prettier-ignore
  return { status: answer.statusCode, text: answer.body };
}
const exportOf = async (authorization: string): Promise<string[]> =>
  (await ask(0, authorization, 'GET', '/v1/audit:export')).text.trimEnd().split('\n');

test('a token that is revoked at one server is no use at any other within two seconds', async () => {
  const [admin, stolen] = [await login('admin'), await login('viewer')];
  const used = async (): Promise<number[]> =>
    Promise.all([0, 1].map(async (server) => (await ask(server, stolen.authorization, 'GET', '/v1/databases')).status));
  expect(await used()).toEqual([200, 200]);
  const began = performance.now();
  expect((await ask(0, admin.authorization, 'DELETE', `/v1/tokens/${stolen.id}`)).status).toBe(204);
  while ((await used()).some((status) => status !== 401)) await delay(10);
  expect(performance.now() - began).toBeLessThan(2000);
});

test('etcd that was restored from an older copy: no secret is opened to another text, and the audit says it', async () => {
  const { authorization } = await login('admin');
  const secretsOf = async (): Promise<Map<string, string>> => {
    const kv = stores[1]!;
    const { get } = createSecrets(kv, aBox(kv, fixture.membership.masterKeys));
    const names = (await kv.list(keys.secret(''))).map(({ key }) => key.slice(keys.secret('').length));
    return new Map(await Promise.all(names.map(async (name) => [name, (await get(name)) ?? ''] as const)));
  };
  const create = (id: string) => ask(0, authorization, 'POST', '/v1/databases', { id, spec: shopSpec });
  expect((await create('early')).status).toBe(200);
  const before = await secretsOf();
  const copy = path.join(etcd.directory, 'copy');
  await etcd.kill();
  await cp(path.join(etcd.directory, 'etcd'), copy, { recursive: true });
  await etcd.start();
  expect((await create('late')).status).toBe(200);
  const newer = await exportOf(authorization);
  const { head } = JSON.parse(newer.at(-1) ?? '') as { head: AuditMark };
  const late = (await stores[1]!.get(keys.secret('database/late/user/app')))?.value;
  await etcd.kill();
  await rm(path.join(etcd.directory, 'etcd'), { recursive: true });
  await cp(copy, path.join(etcd.directory, 'etcd'), { recursive: true });
  await etcd.start();

  expect(await secretsOf()).toEqual(before);
  expect(matchesScramVerifier('hush-hush', before.get('database/early/user/app') ?? '')).toBe(true);
  await stores[1]!.commit([], [{ put: keys.secret('database/late/user/app'), value: late }]); // from the time that was lost
  await expect(secretsOf()).rejects.toThrow(/sealed with key \w+, and database\/late has none now/);
  await stores[1]!.commit([], [{ remove: keys.secret('database/late/user/app') }]);

  expect((await create('again')).status).toBe(200);
  for (let lines: string[] = []; !lines.some((line) => line.includes('"store-went-back"')); await delay(50))
    lines = await exportOf(authorization);
  const after = await exportOf(authorization);
  expect(after.join()).toContain(`the last line was ${String(head.seq)} (${head.hash})`);
  expect(await checkAudit(after)).toMatchObject({ lines: expect.any(Number) as number });
  expect(await checkAudit(after, head)).toHaveProperty('wrong');
}, 60_000);
