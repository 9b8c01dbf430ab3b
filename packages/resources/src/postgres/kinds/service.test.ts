import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contextFor } from '../../testing/apply-all.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { dataPath, holdFile } from './directories.ts';
import { service } from './service.ts';

const spec = {
  name: 'postgres-a', instanceId: 'a', nodeName: 'n1', hostId: 'host-1', scope: 'shop:n1', networkName: 'net', imageId: 'sha256:1', published: false,
  awaitsData: true as const, extraVolumes: [], extraNetworks: [], extraLabels: {},
}; // prettier-ignore
const statuses = new Map<string, unknown>([['swarm.network::net', { networkId: 'n' }]]);

let root: string;
beforeEach(async () => void (root = await mkdtemp(path.join(tmpdir(), 'windlass-service-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** Makes the service, in a world in which the data of its instance is there when it is looked for the n-th time. */
async function holdsWhen(there: (look: number) => boolean): Promise<boolean> {
  const fake = await createFakeClients(root);
  await fake.files.ensureDirectory('instances/a/data', 0o700);
  let looks = 0;
  const directory = (at: string) =>
    at === dataPath('a')
      ? Promise.resolve(there((looks += 1)) ? { mode: 0o700, uid: 0, gid: 0 } : undefined)
      : fake.files.directory(at);
  const clients = { ...fake, files: { ...fake.files, directory } };
  await clients.docker.createNetwork('net', {}, new AbortController().signal);
  await service.create(spec, contextFor(clients, 'shop', service.ref(spec.name), statuses)).catch(() => undefined);
  return (await clients.files.read(holdFile('a'))) !== undefined;
}

test('a service that is made before the data of its instance has its container wait for it', async () => {
  expect(await holdsWhen(() => false)).toBe(true);
});
test.each([
  ['was there', () => true],
  ['came while the file was written, and whoever made it had taken nothing away', (look: number) => look > 1],
])('where the data %s it does not wait', async (_what, there) => {
  expect(await holdsWhen(there)).toBe(false);
});
test('that it no longer waits for data interrupts nothing', () => {
  const { awaitsData: _was, ...without } = spec;
  expect(service.interrupts?.(spec, without)).toBe(false);
  expect(service.interrupts?.(spec, { ...spec, imageId: 'sha256:2' })).toBe(true);
});

test('a service that another attempt of the step makes meanwhile is taken over; any other refusal is told', async () => {
  const { docker, ...fake } = await createFakeClients(root);
  await fake.files.ensureDirectory('instances/a/data', 0o700);
  const { id: networkId } = await docker.createNetwork('net', {}, new AbortController().signal);
  const found = new Map<string, unknown>([['swarm.network::net', { networkId }]]);
  const context = (more: Partial<typeof docker>) =>
    contextFor({ ...fake, docker: { ...docker, ...more } }, 'shop', service.ref(spec.name), found);
  const refused = (): Promise<string> => Promise.reject(new Error('name conflicts with an existing object'));
  await expect(service.create(spec, context({ createService: refused }))).rejects.toThrow('name conflicts');
  const createService: typeof docker.createService = async (request) => {
    await docker.createService(request);
    return refused();
  };
  const made = await service.create(spec, context({ createService }));
  expect(made).toMatchObject({ serviceId: (await docker.service(spec.name))?.id });
});

test('what it asks Docker for is what it was before there was hardening, where nothing is said of it', async () => {
  const { docker, ...fake } = await createFakeClients(root);
  await fake.files.ensureDirectory('instances/a/data', 0o700);
  const { id: networkId } = await docker.createNetwork('net', {}, new AbortController().signal);
  const found = new Map<string, unknown>([['swarm.network::net', { networkId }]]);
  const asked: Parameters<typeof docker.createService>[0][] = [];
  const createService: typeof docker.createService = (request) => docker.createService((asked.push(request), request));
  for (const hardening of [undefined, { readOnlyRoot: true, noNewPrivileges: true, pidsLimit: 300 }]) {
    const name = `postgres-${String(asked.length)}`;
    const clients = { ...fake, docker: { ...docker, createService } };
    await service.create(
      { ...spec, name, ...(hardening && { hardening }) },
      contextFor(clients, 'shop', service.ref(name), found),
    );
  }
  const [plain, hardened] = asked;
  for (const key of ['command', 'readOnly', 'tmpfs', 'dropCapabilities', 'pidsLimit'])
    expect(plain).not.toHaveProperty(key);
  expect(hardened).toMatchObject({
    command: ['/usr/bin/setpriv', '--no-new-privs', '/usr/bin/tini', '--', 'windlass-start'],
    ...{ readOnly: true, dropCapabilities: true, pidsLimit: 300 },
    tmpfs: [{ target: '/tmp' }],
  });
});
