import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clockLooks, createCa, createCertificates } from '@windlass/resources/platform/trust';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { certificateLooks } from './look-at-certificates.ts';

const DAY_MS = 86_400_000;

test('a host tells when its certificates end, and names those that have', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-looks-'));
  const ca = await createCa('looks');
  const { issue } = createCertificates(() => Promise.resolve(ca));
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  const leaf = async (days: number) => (await issue({ commonName: 'x', names: [], days })).certPem;
  write('ca.crt', ca.certPem);
  write('temporal.crt', await leaf(10));
  let time = new Date();
  const book = new LeafBook();
  const ends = new Date(Date.now() + 12 * DAY_MS);
  book.note('host-1 for etcd', () => ({ ends, lifetimeMs: 30 * DAY_MS }));
  const look = certificateLooks(
    {
      WINDLASS_CA_CERT: path.join(folder, 'ca.crt'),
      WINDLASS_TEMPORAL_TLS_CERT: path.join(folder, 'temporal.crt'),
    },
    book,
    () => time,
  );
  const first = await look();
  expect([first.healthy, Object.keys(first.details ?? {})]).toEqual([true, ['ca', 'temporal', 'host-1 for etcd']]);
  time = new Date(Date.now() + 15 * DAY_MS);
  const late = await look();
  expect([late.healthy, late.error]).toEqual([false, expect.stringMatching(/^the certificate 'temporal' expired at [^;]+; the certificate of host-1 for etcd ended at [^;]+$/)]); // prettier-ignore
  write('temporal.crt', await leaf(90));
  book.forget('host-1 for etcd');
  time = new Date(time.getTime() + 2 * 60_000);
  expect(await look()).toMatchObject({ healthy: true, error: '' });
});

describe('the clock', () => {
  const looks = (url: string, ahead: number) =>
    clockLooks('this host', [url], { identity: { caPem: '', certPem: '', keyPem: '' } }, () => Date.now() + ahead);

  test.each([
    ['as etcd has it', 0, ''],
    ['600 s ahead', 600_000, 'the clock of this host is 600 s ahead of that of etcd: set it, and keep it with NTP'],
    ['600 s behind', -600_000, 'the clock of this host is 600 s behind that of etcd: set it, and keep it with NTP'],
  ])('%s is told to within a second', async (_what, ahead, error) => {
    const etcd = http.createServer((_request, answer) => answer.end('{}')).listen(0, '127.0.0.1');
    await once(etcd, 'listening');
    const { port } = etcd.address() as AddressInfo;
    const found = await looks(`http://127.0.0.1:${String(port)}`, ahead)();
    etcd.close();
    etcd.closeAllConnections();
    const offset = Number(found.details?.['offset_ms']);
    expect({ ...found, error: found.error?.replace(/\d+ s/, `${String(Math.abs(ahead) / 1000)} s`) }).toEqual({ healthy: ahead === 0, error, details: { offset_ms: offset } }); // prettier-ignore
    expect(Math.abs(offset - ahead)).toBeLessThanOrEqual(1000);
  });

  test('is asked for with the certificate as it is now', async () => {
    const [ours, other] = await Promise.all([createCa('ours'), createCa('other')]);
    const leafOf = async (ca: typeof ours, names: string[]) => {
      const { certPem, keyPem } = await createCertificates(() => Promise.resolve(ca)).issue({ commonName: 'x', names, days: 1 }); // prettier-ignore
      return { caPem: ours.certPem, certPem, keyPem };
    };
    const { certPem: cert, keyPem: key } = await leafOf(ours, ['127.0.0.1']);
    const trust = { cert, key, ca: ours.certPem, requestCert: true, rejectUnauthorized: true };
    const etcd = https.createServer(trust, (_request, answer) => answer.end('{}')).listen(0, '127.0.0.1');
    await once(etcd, 'listening');
    const leaf = { identity: await leafOf(other, []) };
    const look = clockLooks('this host', [`https://127.0.0.1:${String((etcd.address() as AddressInfo).port)}`], leaf); // prettier-ignore
    expect(Object.keys((await look()).details ?? {})).toEqual(['not_known']);
    leaf.identity = await leafOf(ours, []);
    expect(Object.keys((await look()).details ?? {})).toEqual(['offset_ms']);
    etcd.close();
    etcd.closeAllConnections();
  });

  test('without an answer is not known, which is for the part of etcd to tell', async () => {
    expect(await looks('http://127.0.0.1:1', 0)()).toMatchObject({ healthy: true, details: { not_known: expect.stringContaining('ECONNREFUSED') } }); // prettier-ignore
  });
});
