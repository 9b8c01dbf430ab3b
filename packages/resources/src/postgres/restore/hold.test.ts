import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clients, ContainerFacts } from '../clients/ports.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { hold, release } from './hold.ts';

let root: string;
beforeEach(async () => void (root = await mkdtemp(path.join(tmpdir(), 'windlass-hold-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

/** An instance whose container answers a SIGTERM as its image does. */
async function rig(labels: Record<string, string>, state: ContainerFacts['state'] = 'running') {
  const fake = await createFakeClients(root);
  await fake.files.ensureDirectory('instances/a/data', 0o700);
  const told: string[] = [];
  const at = (name: string): string => fake.files.absolute(`instances/a/data/${name}`);
  const kill = async (id: string, signalName: string): Promise<void> => {
    told.push(`${id} ${signalName}`);
    await readFile(at('hold')); // it is there before the signal
    await writeFile(at('held'), '');
  };
  const container = { id: 'c', state, startedAt: '', address: '', labels };
  const docker = { ...fake.docker, kill, serviceContainer: () => Promise.resolve(container) };
  return { clients: { ...fake, docker } as Clients, told, at };
}
const never = new AbortController().signal;

describe('holding an instance', () => {
  it('has its container wait, once, however often it is asked to, until it is let go', async () => {
    const { clients, told, at } = await rig({ 'windlass.holds': '1' });
    expect(await hold(clients, 'a', never)).toBe(true);
    expect(await hold(clients, 'a', never)).toBe(true);
    expect(told).toEqual(['c SIGTERM']);
    await release(clients, 'a');
    await expect(readFile(at('hold'))).rejects.toThrow('ENOENT');
  });
  it('does not take the answer of another time for its own', async () => {
    const { clients, told, at } = await rig({ 'windlass.holds': '1' });
    await writeFile(at('held'), '');
    expect(await hold(clients, 'a', never)).toBe(true);
    expect(told).toEqual(['c SIGTERM']);
  });
  it('changes nothing where the image cannot wait, or nothing runs', async () => {
    for (const { clients, told, at } of [await rig({}), await rig({ 'windlass.holds': '1' }, 'exited')]) {
      expect(await hold(clients, 'a', never)).toBe(false);
      expect(told).toEqual([]);
      await expect(readFile(at('hold'))).rejects.toThrow('ENOENT');
    }
  });
});
