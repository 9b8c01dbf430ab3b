import Docker from 'dockerode';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeDocker } from '../../testing/describe-docker.ts';
import { openDocker } from './docker.ts';
import type { ServiceRequest } from './ports.ts';

/** A run that was killed leaves what it made. */
const PREFIX = `windlass-it-docker-${process.pid.toString(36)}`;
const raw = new Docker();
let docker: Awaited<ReturnType<typeof openDocker>>;
beforeAll(async () => {
  docker = await openDocker();
});
afterAll(() => docker.close());

describeDocker('Docker', PREFIX, () => ({ docker, swarmNodeId: docker.swarmNodeId, directory: tmpdir() }));

describe('what an engine keeps of a removed network', () => {
  const name = `${PREFIX}-ghost`;
  const { signal } = new AbortController();
  const serviceOn = (networkId: string): ServiceRequest => ({
    name, image: 'windlass/postgres:17', hostname: 'it', command: ['sleep', '600'], labels: {}, containerLabels: {}, mounts: [],
    swarmNodeId: docker.swarmNodeId, networks: [{ target: 'bridge' }, { target: networkId }], publish: [], stopGraceSeconds: 1, replicas: 1,
  }); // prettier-ignore
  /** As a person does it: ends as soon as the swarm has forgotten the network, while the node still clears it away. */
  const removeByHand = async (id: string, containerId: string): Promise<void> => {
    await raw.getService(name).remove();
    await raw.getContainer(containerId).kill();
    for (;;) {
      try {
        await raw.getNetwork(id).remove();
        return;
      } catch (err) {
        if (!/in use/.test(String(err))) throw err;
      }
    }
  };

  it('is no network: it is missing, and made anew under the same name', async () => {
    let ghosts = 0;
    for (let round = 0; round < 3; round += 1) {
      const before = await docker.createNetwork(name, { round: String(round) }, signal);
      await docker.createService(serviceOn(before.id));
      await removeByHand(before.id, (await docker.waitForRunning(name, signal)).id);
      const [listed] = await raw.listNetworks({ filters: { id: [before.id] } });
      if (listed) ghosts += 1;
      expect(await docker.network(name)).toBeUndefined();
      expect(await docker.networkRefusal(name)).toContain('does not exist');
      const after = await docker.createNetwork(name, {}, signal);
      expect(after.id).not.toBe(before.id);
      expect(await docker.network(name)).toEqual(after);
      await docker.createService(serviceOn(after.id));
      expect((await docker.waitForRunning(name, signal)).state).toBe('running');
      await docker.removeService(name, signal);
      await docker.removeNetwork(after.id, signal);
    }
    expect(ghosts).toBeGreaterThan(0);
  });
});

describe('two attempts at one command', () => {
  const run = (command: string, signal: AbortSignal) =>
    docker.run({
      name: `${PREFIX}-run`, image: 'windlass/postgres:17', command: ['sh', '-c', command], labels: {}, mounts: [], networks: ['bridge'], signal,
    }); // prettier-ignore

  it('the later one gets its answer, whether the earlier one knows that it is over or not', async () => {
    for (const told of [true, false, true]) {
      const over = new AbortController();
      const first = run('sleep 60', over.signal).catch(() => undefined);
      while ((await raw.listContainers({ filters: { name: [`${PREFIX}-run`] } })).length === 0);
      if (told) over.abort();
      expect(await run('echo done', new AbortController().signal)).toMatchObject({ exitCode: 0, stdout: 'done\n' });
      await first;
    }
  });

  it('a container is kept for the next command, and goes when one is given up', async () => {
    const keep = (command: string, signal: AbortSignal) =>
      docker.run({
        name: `${PREFIX}-keep`, image: 'windlass/postgres:17', command: ['sh', '-c', command], labels: {}, mounts: [], networks: [], signal, keep: true,
      }); // prettier-ignore
    const never = new AbortController().signal;
    expect(await keep('echo one > /tmp/said; echo oops >&2; exit 3', never)).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'oops\n',
    });
    expect((await keep('cat /tmp/said', never)).stdout).toBe('one\n');
    const over = new AbortController();
    const waits = keep('sleep 60', over.signal);
    setTimeout(() => over.abort(), 300);
    await expect(waits).rejects.toThrow('aborted');
    const left = () => raw.listContainers({ all: true, filters: { name: [`${PREFIX}-keep`] } });
    while ((await left()).length > 0); // the engine removes it, which takes a moment
    expect((await keep('cat /tmp/said', never)).exitCode).toBe(1);
    await raw.getContainer(`${PREFIX}-keep`).remove({ force: true });
    expect((await keep('echo anew', never)).stdout).toBe('anew\n');
    await docker.removeContainer(`${PREFIX}-keep`);
  });
});

it('what looks like a template of Swarm arrives as it is: a mount leads where it says', async () => {
  const name = `${PREFIX}-template`;
  const { signal } = new AbortController();
  const root = await mkdtemp(path.join(tmpdir(), 'windlass-mount-'));
  const source = path.join(root, '{{"."}}{{"."}}');
  await mkdir(source);
  await docker.createService({
    name, image: 'windlass/postgres:17', hostname: 'it', command: ['sleep', '600'], labels: {}, containerLabels: { as: '{{.Node.ID}}' },
    swarmNodeId: docker.swarmNodeId, networks: [{ target: 'bridge' }], publish: [], stopGraceSeconds: 1, replicas: 1,
    mounts: [{ source, target: '/mnt', readOnly: true }], env: { NAME: '{{.Node.ID}} {{{ }}' },
  }); // prettier-ignore
  const { id } = await docker.waitForRunning(name, signal);
  const { Mounts, Config } = await raw.getContainer(id).inspect();
  await docker.removeService(name, signal);
  await rm(root, { recursive: true });
  expect(Mounts.map((one) => one.Source)).toEqual([source]);
  expect([Config.Env.find((one) => one.startsWith('NAME=')), Config.Labels['as']]).toEqual(['NAME={{.Node.ID}} {{{ }}', '{{.Node.ID}}']); // prettier-ignore
});
