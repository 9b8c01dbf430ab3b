import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { LeafBook, lifetimeSettings } from '../leaves/index.ts';
import { createCa, createCertificates } from './certificates.ts';
import { OWN_DAYS, OwnLeaf } from './own-leaf.ts';

/**
 * node make-certificates.js <home> <name or address>…
 * Writes what is missing of a cluster's trust material: ca/ (authority, etcd's server certificate without a common
 * name, the root client) and secrets/master.key. A certificate that is due is renewed, as nobody did while nothing ran; else what exists
 * is left alone. They are good for 825 days, or WINDLASS_CERTIFICATE_LIFETIME.
 */
async function main([home, ...names]: readonly string[]): Promise<void> {
  if (home === undefined) throw new Error('usage: make-certificates.js <home> <name or address>…');
  const { WINDLASS_CERTIFICATE_LIFETIME: lifetimeMs } = z.object(lifetimeSettings).parse(process.env);
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
  const certificates = createCertificates(() => Promise.resolve(authority), lifetimeMs);
  for (const [file, commonName] of [
    ['server', ''],
    ['root', 'root'],
  ] as const) {
    const [certPath, keyPath] = [path.join(ca, `${file}.crt`), path.join(ca, `${file}.key`)];
    await unlessThere(keyPath, async () => {
      const leaf = await certificates.issue({
        commonName,
        names: commonName === '' ? ['localhost', '127.0.0.1', ...names] : [],
        days: OWN_DAYS,
      });
      await save(certPath, leaf.certPem);
      await save(keyPath, leaf.keyPem);
    });
    const files = { whose: file, caPath: path.join(ca, 'ca.crt'), certPath, keyPath };
    await (await OwnLeaf.open(files, new LeafBook())).look(certificates);
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
