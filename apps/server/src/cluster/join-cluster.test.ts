import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createCa,
  createCertificates,
  fingerprintOf,
  joinAndKeep,
  withJoinedSettings,
  type Ca,
} from '@windlass/resources/platform/trust';
import { openFixture, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
let ca: Ca;
let server: https.Server;
let url: string;
let folder: string;
let asked = 0;

/** A server of the cluster behind TLS, its chain going up to the CA. */
beforeAll(async () => {
  ca = await createCa('cluster');
  const { certPem, keyPem } = await issue(ca, ['127.0.0.1']);
  f = await openFixture(ca.certPem);
  server = https.createServer({ cert: `${certPem}\n${ca.certPem}`, key: keyPem }, (req, res) => {
    asked += 1;
    f.app.routing(req, res);
  });
  server.on('tlsClientError', () => undefined);
  await f.app.ready();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  folder = await mkdtemp(path.join(tmpdir(), 'windlass-join-'));
});
afterAll(async () => {
  server.close();
  await f.app.close();
});

const issue = (authority: Ca, names: string[]) =>
  createCertificates(() => Promise.resolve(authority)).issue({ commonName: '', names, days: 1 });
const newToken = async () => String((await f.call('GET', '/v1/cluster/join-token')).body['token']);
const join = async (token: string, ...server_urls: string[]) => {
  const joiner = { id: 's2', addresses: ['192.0.2.2'], role: 'server' as const };
  return (await joinAndKeep(folder, { token, server_urls }, joiner)).settings;
};

test('the first server that answers lets it in; everything is kept, for its owner only, and found at the next start', async () => {
  const settings = await join(await newToken(), 'https://127.0.0.1:1', url);
  expect(settings['WINDLASS_ETCD_ENDPOINTS']).toBe('https://192.0.2.1:2379');
  expect(settings['WINDLASS_TEMPORAL_TLS_KEY']).toBe(settings['WINDLASS_CLIENT_KEY']);
  expect(await readFile(settings['WINDLASS_CA_CERT'] ?? '', 'utf8')).toBe(ca.certPem);
  for (const [name, file] of Object.entries(settings).filter(([name]) => /_(CERT|KEY|FILE)$/.test(name)))
    expect([name, (await stat(file ?? '')).mode & 0o777]).toEqual([name, 0o600]);
  const next = await withJoinedSettings({ WINDLASS_STATE_DIR: folder, WINDLASS_TEMPORAL_ADDRESS: '192.0.2.7:7233' });
  expect(next).toEqual({ ...settings, WINDLASS_STATE_DIR: folder, WINDLASS_TEMPORAL_ADDRESS: '192.0.2.7:7233' });
});

test('refusals of the other server are passed on by name', async () => {
  const used = await newToken();
  await join(used, url);
  await expect(join(used, url)).rejects.toMatchObject({ code: 'invalid_join_token' });
  await expect(join('open sesame', url)).rejects.toMatchObject({ code: 'invalid_join_token' });
});

test('a server of another cluster is told nothing', async () => {
  const before = asked;
  const stranger = `PGEDGE-${fingerprintOf((await createCa('other')).certPem)}-${'0'.repeat(32)}`;
  await expect(join(stranger, url)).rejects.toMatchObject({
    code: 'server_error',
    message: `failed to reach any of the given servers: ${url}`,
  });
  expect(asked).toBe(before);
});

test('no server, and what is no URL, are named', async () => {
  const token = await newToken();
  await expect(join(token, 'https://127.0.0.1:1')).rejects.toMatchObject({
    code: 'server_error',
    message: 'failed to reach any of the given servers: https://127.0.0.1:1',
  });
  await expect(join(token, 'nowhere')).rejects.toThrow("invalid server URL 'nowhere'");
});

test('keys are not sent over plain http to another machine', async () => {
  await expect(join(await newToken(), 'http://192.0.2.9:3000')).rejects.toThrow(/not sent over plain http/);
});
