import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCa, createCertificates, newKeys, signCertificate, type Ca } from '@windlass/resources/platform/trust';
import { databaseEntity } from '@windlass/resources/entity';
import { partOf } from '@windlass/resources/plan';
import { controlName, memberName, replicatorName } from '@windlass/resources/postgres/spec';
import { resourceRecords, type ResourceRecord } from '@windlass/resources/records';
import { hostNow, openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';
import { hostRecords, memberRecords, type MemberRecord } from '@windlass/resources/platform/records';

const member: MemberRecord = {
  id: 'host-2',
  role: 'host',
  account: 'host-host-2-1a2b3c4d',
  addresses: ['192.0.2.2'],
  joinedAt: '2026-01-01T00:00:00Z',
};
let ca: Ca;
let f: Fixture;
let server: https.Server;

beforeAll(async () => {
  ca = await createCa('cluster');
  f = await openFixture(ca.certPem);
  Object.assign(f.membership, {
    sign: (request: Parameters<typeof signCertificate>[1]) => signCertificate(ca, request),
  });
  await f.kv.commit([], [{ put: memberRecords.key('host', 'host-2'), value: member }]);
  const { certPem, keyPem } = await leaf(ca, '', ['127.0.0.1']);
  const options = { cert: certPem, key: keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: false };
  await f.app.ready();
  server = https.createServer(options, (req, res) => f.app.routing(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await f.app.close();
});

const leaf = (authority: Ca, commonName: string, names: string[] = []) =>
  createCertificates(() => Promise.resolve(authority)).issue({ commonName, names, days: 1 });
const request = async (more: object = {}) => ({
  public_key: (await newKeys()).publicKeyPem,
  common_name: '',
  names: ['postgres-shop-n1-a', 'localhost', '127.0.0.1', '192.0.2.2'],
  days: 90,
  ...more,
});

/** Sends it as whoever the certificate names; without one as nobody. */
async function ask(body: object, as?: { readonly certPem: string; readonly keyPem: string }) {
  const { port } = server.address() as AddressInfo;
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const identity = as ? { cert: as.certPem, key: as.keyPem } : {};
    const options = { method: 'POST', ca: ca.certPem, ...identity, headers: { 'content-type': 'application/json' } };
    const sent = https.request(`https://127.0.0.1:${String(port)}/v1/internal/certificates`, options, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
      );
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}
const asHost = () => leaf(ca, member.account);

test('a host gets certificates for the instances on it, for a key that it keeps', async () => {
  const { status, body } = await ask(await request(), await asHost());
  expect(status).toBe(200);
  const signed = new X509Certificate(String(body['certificate']));
  expect(signed.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  expect(signed.subjectAltName).toContain('postgres-shop-n1-a');
  expect(new Date(signed.validTo).toISOString()).toBe(String(body['not_after']).replace(/\.\d+Z$/, '.000Z'));
});

describe('names that are about a database', () => {
  const own = (common_name: string, more: object = {}) => request({ common_name, names: [], ...more });
  const statusOf = async (body: Promise<object>) => (await ask(await body, await asHost())).status;
  const kept: ResourceRecord = {
    ...{ ref: { kind: 'patroni.cluster', id: 'shop:n1' }, executor: { on: 'any' }, version: 2, spec: {}, dependsOn: [] },
    ...{ phase: 'ready', inputsHash: '', taskId: 't', updatedAt: '2026-01-01T00:00:00Z' },
  };
  const rules = (pgIdent: readonly string[]) =>
    f.kv.commit([], [resourceRecords.put({ ...kept, spec: { pgIdent } }, partOf(databaseEntity('shop')), 'patroni.cluster::shop:n1')]);

  beforeAll(async () => {
    await f.kv.commit([], [hostRecords.put(hostNow({ id: 'host-2', clientAddresses: ['192.0.2.2'] }), 'host-2')]);
    const declare = (id: string, ...host_ids: string[]) =>
      f.call('POST', '/v1/databases', { id, spec: { ...shopSpec, nodes: [{ name: 'n1', host_ids }] } });
    await declare('shop', 'host-1', 'host-2');
    await declare('bank', 'host-1');
  });

  test.each([
    ['the superuser', controlName],
    ['a member of a node', (id: string) => memberName(`${id}:n1`)],
    ['a replicator', replicatorName],
  ])('it gets those of %s of a database that is on it, and of no other', async (_who, nameOf) => {
    expect(await statusOf(own(nameOf('shop')))).toBe(200);
    expect(await statusOf(own(nameOf('shop'), { database_id: 'shop' }))).toBe(200);
    expect(await statusOf(own(nameOf('bank')))).toBe(400);
    expect(await statusOf(own(nameOf('bank'), { database_id: 'bank' }))).toBe(400);
    expect(await statusOf(own(nameOf('bank'), { database_id: 'shop' }))).toBe(400);
  });

  test('the one that is good for every older database, only while such a one is on it', async () => {
    expect(await statusOf(own('windlass'))).toBe(400);
    await rules(['windlass_look windlass windlass_look']);
    expect(await statusOf(own('windlass'))).toBe(200);
    const line = `windlass_control ${controlName('shop')} windlass`;
    await rules([line, 'windlass_control windlass windlass']);
    expect(await statusOf(own('windlass'))).toBe(200);
    await rules([line]);
    expect(await statusOf(own('windlass'))).toBe(400);
  });
}); // prettier-ignore

test.each([
  ['the name of an account of etcd', { common_name: 'root' }],
  ['its own account, at an address', { common_name: member.account, days: 825 }],
  ['the account of another', { common_name: 'host-host-9-00000000', names: [] }],
  ['an address of another machine', { names: ['192.0.2.1'] }],
  ['a name that is no service', { names: ['etcd.example.com'] }],
  ['a key that is none', { public_key: 'hello' }],
])('it gets none for %s', async (_what, more) => {
  expect(await ask(await request(more), await asHost())).toMatchObject({
    status: 400,
    body: { name: 'invalid_input' },
  });
});

test('its own login is signed again before it ends, for as long as at the join', async () => {
  const own = { common_name: member.account, names: [], days: 825 };
  const { status, body } = await ask(await request(own), await asHost());
  expect(status).toBe(200);
  expect(new X509Certificate(String(body['certificate'])).subject).toBe(`CN=${member.account}`);
});

test('a certificate of an instance is for 90 days at most', async () => {
  expect((await ask(await request({ days: 91 }), await asHost())).status).toBe(400);
});

test.each<[string, () => Promise<{ certPem: string; keyPem: string } | undefined>]>([
  ['who shows nothing', () => Promise.resolve(undefined)],
  ['an account that is no member', () => leaf(ca, 'host-host-9-00000000')],
  ['a member with an empty name', () => leaf(ca, '')],
  ['a host of another cluster', async () => leaf(await createCa('other'), member.account)],
])('%s is told 401 login_required', async (_who, identity) => {
  const answer = await ask(await request(), await identity());
  expect(answer).toMatchObject({ status: 401, body: { name: 'login_required' } });
});

test('an operator, who runs no instances, is told 403 not_a_member', async () => {
  const answer = await ask(await request(), await leaf(ca, 'root'));
  expect(answer).toMatchObject({ status: 403, body: { name: 'not_a_member' } });
});

test('a host that was removed gets none any more', async () => {
  await f.kv.commit([], [{ remove: memberRecords.key('host', 'host-2') }]);
  expect((await ask(await request(), await asHost())).status).toBe(401);
});
