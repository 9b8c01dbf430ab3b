import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LeafBook } from '../../platform/leaves/index.ts';
import { createCa, createCertificates } from '../../platform/clients/certificates.ts';
import { DomainError } from '../../errors/index.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { silentLog } from '../../testing/silent-log.ts';
import type { CertificatesPort } from '../../platform/clients/ports.ts';
import type { Clients } from '../clients/ports.ts';
import { LeafRenewal } from './leaf-renewal.ts';

const ID = 'shop-n1-689qacsi';
const CERTS = `instances/${ID}/certs`;
const REPLICATOR = `instances/${ID}/replicator/certs`;

let root: string;
let clients: Clients;
let book: LeafBook;
let warned: string[];
let reloads: number;
let postgres: 'hears' | 'away';
let instances: { instanceId: string }[];
let signer: CertificatesPort;
let renewal: LeafRenewal;

/** A certificate with so many seconds left, in its files. */
async function put(folder: string, name: string, seconds: number): Promise<void> {
  const ca = await createCa('test');
  const short = createCertificates(() => Promise.resolve(ca), seconds * 1000);
  const { certPem, keyPem } = await short.issue({ commonName: 'member-x', names: ['127.0.0.1', 'localhost'], days: 1 });
  await clients.files.write(`${folder}/${name}.key`, keyPem);
  await clients.files.write(`${folder}/${name}.crt`, certPem);
}
const text = (file: string): Promise<string> => readFile(path.join(root, file), 'utf8');

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'windlass-leaves-'));
  const fake = await createFakeClients(root);
  signer = fake.certificates;
  reloads = 0;
  postgres = 'hears';
  clients = {
    ...fake,
    certificates: { caPem: () => signer.caPem(), issue: (request) => signer.issue(request) },
    docker: {
      ...fake.docker,
      serviceContainer: () => Promise.resolve({ id: 'c', state: 'running', address: '192.0.2.9' } as never),
    },
    patroni: { ...fake.patroni, reload: () => Promise.resolve() },
    postgres: {
      ...fake.postgres,
      session: () => {
        if (postgres === 'away') return Promise.reject(new DomainError('postgres_unavailable'));
        reloads += 1;
        return Promise.resolve(undefined as never);
      },
    },
  };
  await clients.files.ensureDirectory(CERTS, 0o700);
  await clients.files.ensureDirectory(REPLICATOR, 0o700);
  [book, warned, instances] = [new LeafBook(), [], [{ instanceId: ID }]];
  const log = { ...silentLog, warn: (_facts: object, sentence: string) => void warned.push(sentence) };
  renewal = new LeafRenewal(clients, book, () => instances, log);
  await put(CERTS, 'etcd', 3600);
  await put(CERTS, 'server', 3600);
  await put(REPLICATOR, 'replicator', 3600);
});
afterEach(() => rm(root, { recursive: true }));

test('what is due is renewed with its names and its key, and what runs is told', async () => {
  await renewal.look();
  expect(reloads).toBe(1); // nobody knows what it has read before this process began
  await put(CERTS, 'server', -10);
  await put(REPLICATOR, 'replicator', -10);
  const files = [`${CERTS}/server`, `${CERTS}/etcd`, `${REPLICATOR}/replicator`];
  const before = await Promise.all(files.flatMap((file) => [text(`${file}.crt`), text(`${file}.key`)]));
  await renewal.look();
  const after = await Promise.all(files.flatMap((file) => [text(`${file}.crt`), text(`${file}.key`)]));
  expect(after.map((one, i) => one === before[i])).toEqual([false, true, true, true, false, true]);
  const made = new X509Certificate(after[0] ?? '');
  expect([made.subject, made.subjectAltName]).toEqual(['CN=member-x', 'IP Address:127.0.0.1, DNS:localhost']);
  expect(reloads).toBe(2);
  await renewal.look();
  expect([reloads, warned]).toEqual([2, []]);
  expect(Object.keys(book.ends())).toEqual([`instance ${ID} on host-1`, `the replicator of ${ID} on host-1`]);
});

test('one that does not hear it is told again, until it does', async () => {
  await renewal.look();
  await put(CERTS, 'server', -10);
  postgres = 'away';
  await renewal.look();
  await renewal.look();
  expect(reloads).toBe(1);
  postgres = 'hears';
  await renewal.look();
  await renewal.look();
  expect(reloads).toBe(2);
});

test('while nobody signs, it is told whose cannot be renewed, and once it has ended it is named', async () => {
  await put(CERTS, 'server', 60);
  await renewal.look();
  await put(CERTS, 'server', -10);
  const { issue } = signer;
  signer = { ...signer, issue: () => Promise.reject(new DomainError('server_unavailable')) };
  await renewal.look();
  expect(warned).toEqual([`the certificate of instance ${ID} on host-1 could not be renewed; trying again`]);
  expect(book.ended(Date.now() + 61_000)).toEqual([
    expect.stringContaining(`the certificate of instance ${ID} on host-1 ended at`),
  ]);
  signer = { ...signer, issue };
  await renewal.look();
  expect(book.ended()).toEqual([]);
});

test('a key that a task has made meanwhile gets the certificate', async () => {
  await put(CERTS, 'server', -10);
  const { issue } = signer;
  let times = 0;
  signer = {
    ...signer,
    issue: async (request) => {
      const made = await issue(request);
      if ((times += 1) === 1) await put(CERTS, 'server', 3600);
      return made;
    },
  };
  await renewal.look();
  expect(new X509Certificate(await text(`${CERTS}/server.crt`)).checkPrivateKey(createPrivateKey(await text(`${CERTS}/server.key`)))).toBe(true); // prettier-ignore
  expect(times).toBe(2);
});

test('an instance that is gone is forgotten; one without files is none of its business', async () => {
  await renewal.look();
  instances = [{ instanceId: 'shop-n1-other' }];
  await renewal.look();
  expect([book.ends(), warned]).toEqual([{}, []]);
});
