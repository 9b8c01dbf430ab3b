import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { checkAudit } from '@windlass/resources/audit/check';
import { clockLooks, createCa, createCertificates } from '@windlass/resources/platform/trust';
import { buildApp } from './app.ts';
import { shopSpec } from './testing/fixture.ts';
import { openTenants, type TenantsWorld } from './testing/tenants-world.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

let caPem: string;
let w: TenantsWorld;
let etcd: http.Server;
beforeAll(async () => void ({ certPem: caPem } = await createCa('skew')));
beforeEach(async () => {
  w = await openTenants();
  etcd = http.createServer((_request, answer) => answer.end('{}')).listen(0, '127.0.0.1');
  await once(etcd, 'listening');
});
afterEach(async () => {
  await w.app.close();
  etcd.close();
});

/** A second server of the cluster, whose clock is off by this much. */
async function serverOff(minutes: number) {
  const now = (): Date => new Date(Date.now() + minutes * MINUTE_MS);
  const url = `http://127.0.0.1:${String((etcd.address() as AddressInfo).port)}`;
  const leaf = { identity: { caPem: '', certPem: '', keyPem: '' } };
  const clockLook = clockLooks('this server', [url], leaf, () => now().getTime());
  const app = await buildApp({ ...w.deps, caPem, now, clockLook }, false, { loginOnLoopback: true });
  const ask = async (authorization: string, method: 'GET' | 'POST', path: string, body?: object) => {
    const answer = await app.inject({ method, url: path, headers: { authorization }, ...(body && { payload: body }) });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  return { app, ask };
}

test.each([
  ['ahead of', 10],
  ['behind', -10],
])('a server whose clock is ten minutes %s that of etcd says so by name', async (how, minutes) => {
  const { app, ask } = await serverOff(minutes);
  const { body } = await ask(await w.login('admin', undefined, 7), 'GET', '/readyz');
  const clock = (body['checks'] as { name: string; healthy: boolean; error?: string }[]).find(({ name }) => name === 'clock'); // prettier-ignore
  expect(clock).toMatchObject({
    healthy: false,
    error: expect.stringMatching(new RegExp(`^the clock of this server is (599|600|601) s ${how} that of etcd: set it`)) as string, // prettier-ignore
  });
  await app.close();
});

test.each([10, -10])(
  'by %i minutes: tokens end as its clock says, and nothing else of them changes',
  async (minutes) => {
    const { app, ask } = await serverOff(minutes);
    const lasts = (left: number) => w.login('viewer', undefined, left / DAY_MINUTES);
    const status = async (left: number) => (await ask(await lasts(left), 'GET', '/v1/databases')).status;
    expect([await status(30), await status(5), await status(-5), await status(-15)]).toEqual(minutes > 0 ? [200, 401, 401, 401] : [200, 200, 200, 401]); // prettier-ignore
    await app.close();
  },
);

test.each([10, -10])('by %i minutes: what it accepts is stored, what it makes others read, and the audit is one chain', async (minutes) => {
  const { app, ask } = await serverOff(minutes);
  const admin = await w.login('admin', undefined, 7);
  const made = await ask(admin, 'POST', '/v1/databases', { id: 'made', spec: shopSpec });
  const { task_id: id } = made.body['task'] as { task_id: string };
  const exact = w.as(admin);
  expect((await exact('GET', `/v1/databases/made/tasks/${id}`)).status).toBe(200);
  expect((await exact('POST', '/v1/tokens', { name: 'x', role: 'viewer' })).status).toBe(200);
  expect((await ask(admin, 'POST', '/v1/tokens', { name: 'y', role: 'viewer' })).status).toBe(200);
  const right = await serverOff(0);
  const { token } = (await right.ask(admin, 'GET', '/v1/cluster/join-token')).body as { token: string };
  const host = { token, host_id: 'host-9', addresses: ['192.0.2.9'], embedded_etcd_enabled: false };
  expect((await ask('', 'POST', '/v1/internal/cluster/join-options', host)).status).toBe(200);
  const exported = await app.inject({ url: '/v1/audit:export', headers: { authorization: admin } });
  const lines = exported.body.trimEnd().split('\n');
  expect(await checkAudit(lines)).toMatchObject({ lines: expect.any(Number) as number });
  await right.app.close();
  const times = lines.flatMap((line) => (JSON.parse(line) as { at?: string }).at ?? []).map((at) => Date.parse(at) - Date.now()); // prettier-ignore
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(9 * MINUTE_MS);
  await app.close();
}); // prettier-ignore

test('a certificate that a server signs is good at once where the clock is ten minutes behind', async () => {
  const ca = await createCa('skew');
  const { issue } = createCertificates(() => Promise.resolve(ca));
  const { certPem } = await issue({ commonName: 'x', names: [], days: 1 });
  for (const pem of [ca.certPem, certPem])
    expect(Date.parse(new X509Certificate(pem).validFrom)).toBeLessThan(Date.now() - 10 * MINUTE_MS);
});
