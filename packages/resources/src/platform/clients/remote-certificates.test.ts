import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createCa, createCertificates, signCertificate, type Ca } from './certificates.ts';
import { createRemoteCertificates } from './remote-certificates.ts';

const AWAY = 'https://127.0.0.1:1';
let ca: Ca;
let server: https.Server;
let url: string;
let answer: { status: number; body?: object };
const asked: { who: unknown; body: Record<string, unknown> }[] = [];

const leaf = (commonName: string, authority = ca) =>
  createCertificates(() => Promise.resolve(authority)).issue({ commonName, names: ['127.0.0.1'], days: 1 });
const certificates = async (...serverUrls: string[]) => {
  const { certPem, keyPem } = await leaf('host-a');
  return createRemoteCertificates({ serverUrls, identity: () => ({ caPem: ca.certPem, certPem, keyPem }) });
};
const request = { commonName: 'windlass', names: ['localhost'], days: 7 };

beforeAll(async () => {
  ca = await createCa('cluster');
  const { certPem, keyPem } = await leaf('');
  server = https.createServer({ cert: certPem, key: keyPem, ca: ca.certPem, requestCert: true }, (req, res) => void reply(req, res)); // prettier-ignore
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200 };
});
afterAll(() => server.close());

async function reply(req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  const body = JSON.parse(text) as Record<string, unknown>;
  asked.push({ who: (req.socket as TLSSocket).getPeerCertificate().subject.CN, body });
  const signed = await signCertificate(ca, { publicKeyPem: String(body['public_key']), ...request });
  res.writeHead(answer.status);
  res.end(JSON.stringify(answer.body ?? { certificate: signed.certPem, not_after: signed.notAfter }));
}

test('the first server that answers signs for a key that was made here', async () => {
  const { certPem, keyPem, notAfter } = await (await certificates(AWAY, url)).issue(request);
  const cert = new X509Certificate(certPem);
  expect(cert.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  expect([cert.subject, new Date(cert.validTo).getTime()]).toEqual(['CN=windlass', Math.floor(Date.parse(notAfter) / 1000) * 1000]); // prettier-ignore
  expect(asked).toMatchObject([{ who: 'host-a', body: { common_name: 'windlass', names: ['localhost'], days: 7 } }]);
  expect(JSON.stringify(asked)).not.toContain('PRIVATE KEY');
  expect(keyPem).toContain('PRIVATE KEY');
});

test('a no is final and keeps its name; the next server is not asked', async () => {
  answer = { status: 403, body: { name: 'not_a_member', message: 'only a host' } };
  await expect((await certificates(url, url)).issue(request)).rejects.toMatchObject({ code: 'not_a_member' });
  expect(asked.length).toBe(1);
});

test.each([
  ['none is configured', () => [], /none is configured/],
  ['none can be reached', () => [AWAY], /ECONNREFUSED/],
  ['it fails inside', () => [url], /500|failed/],
])('%s: server_unavailable, which a step repeats', async (_why, urls, message) => {
  answer = { status: 500, body: { name: 'server_error', message: 'failed 500' } };
  const refused = (await certificates(...urls())).issue(request);
  await expect(refused).rejects.toMatchObject({ code: 'server_unavailable', message: expect.stringMatching(message) as string }); // prettier-ignore
});

test('a server of another cluster is not told anything', async () => {
  const other = await createCa('other');
  const { certPem, keyPem } = await leaf('host-a', other);
  const stranger = createRemoteCertificates({
    serverUrls: [url],
    identity: () => ({ caPem: other.certPem, certPem, keyPem }),
  });
  await expect(stranger.issue(request)).rejects.toMatchObject({ code: 'server_unavailable' });
  expect(asked).toEqual([]);
});
