import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LeafBook } from '../leaves/index.ts';
import { createCa, createCertificates, type Ca } from './certificates.ts';
import { OwnLeaf } from './own-leaf.ts';
import { openTrust } from './own-trust.ts';

const HOUR_S = 3600;
let [folder, ca]: [string, Ca] = ['', { certPem: '', keyPem: '' }];
const at = (name: string): string => path.join(folder, name);
const files = () => ({ whose: 'host-1 for etcd', caPath: at('ca.crt'), certPath: at('a.crt'), keyPath: at('a.key') });
const authority = (seconds: number) => createCertificates(() => Promise.resolve(ca), seconds * 1000);
const text = (name: string): Promise<string> => readFile(at(name), 'utf8');

/** A certificate that has so many seconds left; what is left of an hour is what it is due by. */
async function put(seconds: number, keyPem?: string): Promise<void> {
  const made = await authority(seconds).issue({
    commonName: 'root',
    names: ['localhost', '127.0.0.1'],
    days: 9,
    keyPem,
  });
  await writeFile(at('a.crt'), made.certPem);
  await writeFile(at('a.key'), made.keyPem);
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'windlass-trust-'));
  ca = await createCa('test');
  await writeFile(at('ca.crt'), ca.certPem);
  await writeFile(at('ca.key'), ca.keyPem);
});
afterEach(() => rm(folder, { recursive: true }));

test('one that has ended is made again for the same names and the same key, and listeners get it', async () => {
  await put(-10);
  const [before, key] = [await text('a.crt'), await text('a.key')];
  const book = new LeafBook();
  const leaf = await OwnLeaf.open(files(), book);
  const seen: string[] = [];
  leaf.onRenewed(({ certPem }) => seen.push(certPem));
  expect([leaf.hasEnded, book.ended().length]).toEqual([true, 1]);
  await leaf.look(authority(HOUR_S));
  const after = await text('a.crt');
  expect(after).not.toBe(before);
  expect([leaf.hasEnded, book.ended()]).toEqual([false, []]);
  expect([seen, leaf.identity.certPem, await text('a.key')]).toEqual([[after], after, key]);
  const made = new X509Certificate(after);
  expect([made.subject, made.subjectAltName]).toEqual(['CN=root', 'DNS:localhost, IP Address:127.0.0.1']);
});

test('one that is not due is left alone; what another process has renewed is read', async () => {
  await put(HOUR_S);
  const leaf = await OwnLeaf.open(files(), new LeafBook());
  const before = await text('a.crt');
  await leaf.look(authority(HOUR_S));
  expect(await text('a.crt')).toBe(before);
  await put(2 * HOUR_S, await text('a.key'));
  await leaf.look(authority(HOUR_S));
  expect(leaf.identity.certPem).toBe(await text('a.crt'));
  await writeFile(at('a.crt'), 'hello');
  await leaf.look(authority(HOUR_S));
  expect(leaf.hasEnded).toBe(false);
});

test('a certificate of another key is refused', async () => {
  await put(HOUR_S);
  const cert = await text('a.crt');
  await put(HOUR_S);
  await writeFile(at('a.crt'), cert);
  await expect(OwnLeaf.open(files(), new LeafBook())).rejects.toThrow('the certificate of host-1 for etcd');
});

test('while nobody signs, it is told, and what has ended says so to whoever asks etcd', async () => {
  await put(-10);
  const told: unknown[] = [];
  const paths = { caCertPath: at('ca.crt'), clientCertPath: at('a.crt'), clientKeyPath: at('a.key') };
  const config = { owner: 'host-1', ...paths, serverUrls: ['https://127.0.0.1:1'] };
  const trust = await openTrust(config, new LeafBook(), (err) => told.push(err));
  trust.close();
  expect(String(told[0])).toContain('no server signs certificates');
  expect(trust.etcd.whyNot()).toBe(
    `the certificate of host-1 for etcd ended at ${trust.leaf.times.ends.toISOString()}`,
  );
  const able = await openTrust({ ...config, caKeyPath: at('ca.key') }, new LeafBook(), (err) => told.push(err));
  able.close();
  expect(able.etcd.whyNot()).toBeUndefined();
});
