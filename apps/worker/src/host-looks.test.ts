import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCa, createCertificates } from '@windlass/resources/platform/trust';
import { certificateLooks } from './look-at-certificates.ts';
import { clockLooks } from './look-at-clock.ts';

const DAY_MS = 86_400_000;

test('a host tells when its certificates end, and names those that have', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-looks-'));
  const ca = await createCa('looks');
  const { issue } = createCertificates(() => Promise.resolve(ca));
  const leaf = async (days: number) => (await issue({ commonName: 'x', names: [], days })).certPem;
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  write('ca.crt', ca.certPem);
  write('c.crt', await leaf(30));
  for (const [id, days] of Object.entries({ 'shop-n1-a': 20, 'shop-n1-b': 10 })) {
    mkdirSync(path.join(folder, 'instances', id, 'certs'), { recursive: true });
    write(`instances/${id}/certs/server.crt`, await leaf(days));
  }
  let time = new Date();
  const look = certificateLooks(
    {
      WINDLASS_CA_CERT: path.join(folder, 'ca.crt'),
      WINDLASS_CLIENT_CERT: path.join(folder, 'c.crt'),
      WINDLASS_TEMPORAL_TLS_CERT: undefined,
      WINDLASS_DATA_DIR: folder,
    },
    () => time,
  );
  const first = await look();
  expect([first.healthy, Object.keys(first.details ?? {})]).toEqual([true, ['ca', 'client', 'instance shop-n1-b']]);
  time = new Date(Date.now() + 15 * DAY_MS);
  expect(await look()).toMatchObject({ healthy: false, error: expect.stringMatching(/^the certificate 'instance shop-n1-b' expired at [^;]+$/) }); // prettier-ignore
  write('instances/shop-n1-b/certs/server.crt', await leaf(90));
  time = new Date(time.getTime() + 2 * 60_000);
  expect(await look()).toMatchObject({ healthy: true, error: '' });
});

describe('the clock', () => {
  const looks = (url: string, ahead: number) =>
    clockLooks(
      { WINDLASS_ETCD_ENDPOINTS: [url], WINDLASS_CA_CERT: '', WINDLASS_CLIENT_CERT: '', WINDLASS_CLIENT_KEY: '' },
      () => Date.now() + ahead,
    );

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

  test('without an answer is not known, which is for the part of etcd to tell', async () => {
    expect(await looks('http://127.0.0.1:1', 0)()).toMatchObject({ healthy: true, details: { not_known: expect.stringContaining('ECONNREFUSED') } }); // prettier-ignore
  });
});
