import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createCa, createCertificates } from './certificates.ts';

/**
 * node make-certificates.js <home> <name or address>…
 * Writes what is missing of a cluster's trust material: ca/ (authority, etcd's server certificate without a common
 * name, the root client) and secrets/master.key. What exists is left alone.
 */
async function main([home, ...names]: readonly string[]): Promise<void> {
  if (home === undefined) throw new Error('usage: make-certificates.js <home> <name or address>…');
  const ca = path.join(home, 'ca');
  await mkdir(ca, { recursive: true, mode: 0o700 });
  await mkdir(path.join(home, 'secrets'), { recursive: true, mode: 0o700 });
  const masterKey = path.join(home, 'secrets', 'master.key');
  // It is made first: a CA without it is a cluster that has lost it, and a new key would open nothing.
  if (!(await isThere(masterKey)) && (await isThere(path.join(ca, 'ca.key'))))
    throw new Error(`${masterKey} is missing: put back the key that the secrets of this cluster were sealed with`);
  await unlessThere(masterKey, () => save(masterKey, `${randomBytes(32).toString('hex')}\n`));
  await unlessThere(path.join(ca, 'ca.key'), async () => {
    const made = await createCa('Windlass cluster CA');
    await save(path.join(ca, 'ca.crt'), made.certPem);
    await save(path.join(ca, 'ca.key'), made.keyPem);
  });
  const authority = {
    certPem: await readFile(path.join(ca, 'ca.crt'), 'utf8'),
    keyPem: await readFile(path.join(ca, 'ca.key'), 'utf8'),
  };
  const certificates = createCertificates(() => Promise.resolve(authority));
  for (const [file, commonName] of [
    ['server', ''],
    ['root', 'root'],
  ] as const) {
    await unlessThere(path.join(ca, `${file}.key`), async () => {
      const leaf = await certificates.issue({
        commonName,
        names: commonName === '' ? ['localhost', '127.0.0.1', ...names] : [],
        days: 825,
      });
      await save(path.join(ca, `${file}.crt`), leaf.certPem);
      await save(path.join(ca, `${file}.key`), leaf.keyPem);
    });
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function unlessThere(file: string, make: () => Promise<void>): Promise<void> {
  if (!(await isThere(file))) await make();
}

const save = (file: string, text: string): Promise<void> => writeFile(file, text, { mode: 0o600 });

await main(process.argv.slice(2));
