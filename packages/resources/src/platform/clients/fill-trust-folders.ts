import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDue, isPair, leafTimes } from '../leaves/index.ts';
import { createCa, createCertificates, readCertificate, type Ca } from './certificates.ts';
import { STACK_TRUST, type Folder, type Leaf } from './stack-trust.ts';

const DAYS = 825;

/**
 * Fills one folder for every service of docker-compose.yml: with what that service needs, readable by its user alone.
 * What exists and is good for long enough is left alone.
 */
export async function fillTrustFolders(root: string, etcdAddresses: readonly string[]): Promise<void> {
  const authority = path.join(root, 'authority');
  await mkdir(authority, { recursive: true, mode: 0o700 });
  const masterKey = await keepMasterKey(authority);
  const cas = {
    cluster: await keepCa(authority, 'cluster-ca', 'Windlass cluster CA'),
    temporal: await keepCa(authority, 'temporal-ca', 'Windlass Temporal CA'),
  };
  for (const folder of STACK_TRUST) await fill(path.join(root, folder.name), folder, cas, masterKey, etcdAddresses);
}

/** It is made before the CA: a CA without it is a cluster that has lost it, and a new key would open nothing. */
async function keepMasterKey(authority: string): Promise<string> {
  const file = path.join(authority, 'master.key');
  const isThere = async (name: string): Promise<boolean> => (await readdir(authority)).includes(name);
  if (!(await isThere('master.key')) && (await isThere('cluster-ca.key')))
    throw new Error(`${file} is missing: put back the key that the secrets of this cluster were sealed with`);
  return keep(file, () => `${randomBytes(32).toString('hex')}\n`);
}

async function fill(
  at: string,
  folder: Folder,
  cas: Readonly<Record<Leaf['ca'], Ca>>,
  masterKey: string,
  etcdAddresses: readonly string[],
): Promise<void> {
  await mkdir(at, { recursive: true });
  await chmod(at, 0o700);
  const put = async (file: string, text: string): Promise<void> => {
    await writeFile(path.join(at, file), text, { mode: 0o600 });
    if (process.getuid?.() === 0) await chown(path.join(at, file), folder.uid, folder.uid);
  };
  for (const ca of new Set(folder.leaves.map((leaf) => leaf.ca))) await put(`${ca}-ca.crt`, cas[ca].certPem);
  for (const leaf of folder.leaves) {
    const names = leaf.ofEtcd === true ? [...leaf.names, ...etcdAddresses] : leaf.names;
    if (await isGood(path.join(at, leaf.file), names, cas[leaf.ca])) continue;
    const made = await createCertificates(() => Promise.resolve(cas[leaf.ca])).issue({ ...leaf, names, days: DAYS });
    await put(`${leaf.file}.key`, made.keyPem);
    await put(`${leaf.file}.crt`, made.certPem);
  }
  if (folder.masterKey === true) await put('master.key', masterKey);
  if (folder.clusterCaKey === true) await put('cluster-ca.key', cas.cluster.keyPem);
  if (process.getuid?.() === 0) await chown(at, folder.uid, folder.uid);
}

async function isGood(at: string, names: readonly string[], ca: Ca): Promise<boolean> {
  const [crt, key] = await Promise.all(['crt', 'key'].map((end) => readFile(`${at}.${end}`, 'utf8').catch(() => '')));
  const [found, times] = [readCertificate(crt ?? '', ca.certPem), leafTimes(crt)];
  if (found === undefined || times === undefined || isDue(times)) return false;
  return names.every((name) => found.names.includes(name)) && isPair(crt, key);
}

async function keepCa(folder: string, name: string, commonName: string): Promise<Ca> {
  const made = await readFile(path.join(folder, `${name}.key`), 'utf8').then(
    () => undefined,
    () => createCa(commonName),
  );
  // The certificate first: a key without its certificate would be taken for whole.
  const certPem = await keep(path.join(folder, `${name}.crt`), () => made?.certPem ?? '', made !== undefined);
  const keyPem = await keep(path.join(folder, `${name}.key`), () => made?.keyPem ?? '');
  return { certPem, keyPem };
}

/** The content of a file, which is written first where it does not exist. */
async function keep(file: string, make: () => string, anew = false): Promise<string> {
  const found = anew ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined) return found;
  const text = make();
  await writeFile(file, text, { mode: 0o600 });
  return text;
}
