import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createCertificates } from '../platform/clients/certificates.ts';
import { openRealEtcd, type RealEtcd } from '../testing/real-etcd.ts';
import { openEtcdKv } from './etcd.ts';
import type { EtcdIdentity } from './etcd-identity.ts';

let etcd: RealEtcd;
let sign: (seconds: number) => Promise<EtcdIdentity>;

beforeAll(async () => {
  etcd = await openRealEtcd();
  const { caPem } = etcd.connection;
  const keyPem = await readFile(path.join(etcd.directory, 'ca.key'), 'utf8');
  sign = async (seconds) => {
    const certificates = createCertificates(() => Promise.resolve({ certPem: caPem, keyPem }), seconds * 1000);
    return { caPem, ...(await certificates.issue({ commonName: 'root', names: [], days: 1 })) };
  };
});
afterAll(() => etcd.close());

/** A store whose certificate can be renewed. */
async function open(first: EtcdIdentity) {
  const listeners: ((identity: EtcdIdentity) => void)[] = [];
  const kv = await openEtcdKv({
    ...etcd.connection,
    ...first,
    onRenewed: (listener) => void listeners.push(listener),
    whyNot: () => 'the certificate of host-1 for etcd ended at noon',
  });
  return { kv, renew: (next: EtcdIdentity) => listeners.forEach((listener) => listener(next)) };
}

test('one that has ended is named by the error, and the next connection is made with the one that took its place', async () => {
  const { kv, renew } = await open(await sign(-10));
  await expect(kv.get('x')).rejects.toMatchObject({
    code: 'store_unavailable',
    message: 'etcd does not answer: the certificate of host-1 for etcd ended at noon',
  });
  await expect(kv.commit([], [{ put: 'x', value: 1, ttlSeconds: 60 }])).rejects.toThrow('ended at noon');
  renew(await sign(60));
  await kv.commit([], [{ put: 'x', value: 1 }]);
  expect((await kv.get('x'))?.value).toBe(1);
  await kv.close();
});

test('a watch goes on over a renewal, and is back after etcd was away', async () => {
  const { kv, renew } = await open(await sign(60));
  const seen: unknown[] = [];
  let resyncs = 0;
  const heard = async (value: number): Promise<void> => {
    while (!seen.includes(value)) await new Promise((resolve) => setImmediate(resolve));
  };
  const watch = await kv.watch(
    'seen/',
    ({ value }) => seen.push(value),
    () => (resyncs += 1),
  );
  renew(await sign(60));
  await kv.commit([], [{ put: 'seen/a', value: 1 }]);
  await heard(1);
  expect(resyncs).toBe(0);
  await etcd.kill();
  renew(await sign(60));
  await etcd.start();
  while (resyncs === 0) await new Promise((resolve) => setImmediate(resolve));
  await kv.commit([], [{ put: 'seen/b', value: 2 }]);
  await heard(2);
  await watch.close();
  await kv.close();
});
