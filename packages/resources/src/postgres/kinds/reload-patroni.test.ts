import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { reloadPatroni } from '../inside/reload-patroni.ts';

let root: string;
let clients: Clients;
let asked: string[];
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windlass-reload-'));
  asked = [];
  const fake = await createFakeClients(root);
  const reload = (address: string): Promise<void> => Promise.resolve(void asked.push(address));
  clients = { ...fake, patroni: { ...fake.patroni, reload } };
});
afterEach(() => rm(root, { recursive: true, force: true }));

const start = async () => {
  await clients.docker.createService({
    name: 'postgres-a', labels: {}, containerLabels: {}, image: 'sha256:1', hostname: 'postgres-a', swarmNodeId: 'node-1', networks: [],
    mounts: [], publish: [], stopGraceSeconds: 1, replicas: 1,
  }); // prettier-ignore
  return clients.docker.serviceContainer('postgres-a');
};

test('Patroni is asked to read its files again, and its container goes on', async () => {
  const before = await start();
  expect(await reloadPatroni(clients, 'postgres-a')).toBe(before?.address);
  expect(asked).toEqual([before?.address]);
  expect(await clients.docker.serviceContainer('postgres-a')).toEqual(before);
});

test('where no container runs there is nobody to ask', async () => {
  expect(await reloadPatroni(clients, 'postgres-a')).toBeUndefined();
  expect(asked).toEqual([]);
});

test('a Patroni that does not answer fails the step, which is tried again: else it would never read the new file', async () => {
  await start();
  const away = { ...clients.patroni, reload: () => Promise.reject(new DomainError('patroni_unavailable')) };
  await expect(reloadPatroni({ ...clients, patroni: away }, 'postgres-a')).rejects.toMatchObject({ code: 'patroni_unavailable' }); // prettier-ignore
});
