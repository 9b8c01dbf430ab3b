import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCa, createCertificates } from './certificates.ts';
import { withShownEnd } from './shown-end.ts';

async function serverUntil(seconds: number) {
  const ca = await createCa('test');
  const signer = createCertificates(() => Promise.resolve(ca), seconds * 1000);
  const {
    certPem: cert,
    keyPem: key,
    notAfter,
  } = await signer.issue({ commonName: 'x', names: ['localhost'], days: 1 });
  // It asks for a certificate, as Patroni does: who shows none is refused, but has seen its own.
  const server = https.createServer({ cert, key, ca: ca.certPem, requestCert: true, rejectUnauthorized: true });
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const failure = await new Promise((resolve) =>
    https.get({ port, servername: 'localhost', ca: ca.certPem }).on('error', resolve),
  );
  return { server, port, failure, ended: `${notAfter.slice(0, 19)}.000Z` };
}

test('a certificate that has ended is named with when that was', async () => {
  const { server, port, failure, ended } = await serverUntil(-60);
  expect(failure).toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  const said = await withShownEnd(failure, 'Patroni at 192.0.2.1', '127.0.0.1', port);
  expect(said).toBe(`the certificate of Patroni at 192.0.2.1 ended at ${ended}`);
  server.close();
});

test.each<[string, unknown]>([
  ['another failure', new Error('connect ECONNREFUSED')],
  ['one that nobody shows any more', Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' })],
])('%s is told as it is', async (_what, err) => {
  const { server, port } = await serverUntil(60);
  expect(await withShownEnd(err, 'Patroni at 192.0.2.1', '127.0.0.1', port)).toBe((err as Error).message);
  server.close();
});
