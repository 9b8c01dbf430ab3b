import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCertificates } from './certificates.ts';
import { fillTrustFolders } from './fill-trust-folders.ts';
import { STACK_TRUST } from './stack-trust.ts';

const root = mkdtempSync(path.join(tmpdir(), 'windlass-trust-'));
afterAll(() => rmSync(root, { recursive: true }));

const make = (...addresses: string[]): Promise<void> => fillTrustFolders(root, addresses);
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const files = (): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
const contents = (): Record<string, string> => Object.fromEntries(files().map((file) => [file, read(file)]));

beforeAll(() => make('192.0.2.1'));

test('every file is for its owner alone, and the keys of the authorities are nowhere but where they are used', () => {
  for (const file of files()) expect([file, statSync(path.join(root, file)).mode & 0o777]).toEqual([file, 0o600]);
  const withKey = (name: string): string[] => files().filter((file) => read(file) === read(`authority/${name}.key`));
  expect(withKey('cluster-ca')).toEqual(['authority/cluster-ca.key', 'server/cluster-ca.key', 'worker/cluster-ca.key']);
  expect(withKey('temporal-ca')).toEqual(['authority/temporal-ca.key']);
  expect(withKey('master')).toEqual(['authority/master.key', 'server/master.key', 'worker/master.key']);
});

test.each(STACK_TRUST.flatMap((folder) => folder.leaves.map((leaf) => [`${folder.name}/${leaf.file}`, leaf] as const)))(
  '%s is a certificate of its authority only, with its name, and the key fits',
  (file, leaf) => {
    const other = leaf.ca === 'cluster' ? 'temporal' : 'cluster';
    const cert = new X509Certificate(read(`${file}.crt`));
    expect(cert.checkIssued(new X509Certificate(read(`authority/${leaf.ca}-ca.crt`)))).toBe(true);
    expect(cert.checkIssued(new X509Certificate(read(`authority/${other}-ca.crt`)))).toBe(false);
    expect(cert.subject).toBe(leaf.commonName === '' ? 'O=windlass' : `CN=${leaf.commonName}`);
    for (const name of leaf.names) expect(cert.subjectAltName).toContain(name);
    if (leaf.ofEtcd === true) expect(cert.subjectAltName).toContain('192.0.2.1');
  },
);

test('again it changes nothing; a new address and a certificate near its end change that certificate only, and so does a key that does not fit', async () => {
  const before = contents();
  await make('192.0.2.1');
  expect(contents()).toEqual(before);

  const ca = { certPem: read('authority/temporal-ca.crt'), keyPem: read('authority/temporal-ca.key') };
  const old = await createCertificates(() => Promise.resolve(ca), 0).issue({ commonName: 'x', names: [], days: 1 });
  writeFileSync(path.join(root, 'temporal-ui/temporal.crt'), old.certPem);
  writeFileSync(path.join(root, 'server/root.key'), read('worker/root.key'));
  await make('192.0.2.2');
  const after = contents();
  expect(files().filter((file) => after[file] !== before[file])).toEqual([
    'etcd/server.crt',
    'etcd/server.key',
    'server/root.crt',
    'server/root.key',
    'temporal-ui/temporal.crt',
    'temporal-ui/temporal.key',
  ]);
  expect(new X509Certificate(after['etcd/server.crt'] ?? '').subjectAltName).toContain('192.0.2.2');
});

test('a master key that is lost is not made anew: it would open nothing', async () => {
  const file = path.join(root, 'authority', 'master.key');
  const key = readFileSync(file, 'utf8');
  rmSync(file);
  await expect(make()).rejects.toThrow('authority/master.key is missing: put back the key');
  expect(files()).not.toContain('authority/master.key');
  writeFileSync(file, key, { mode: 0o600 });
  await make();
});
