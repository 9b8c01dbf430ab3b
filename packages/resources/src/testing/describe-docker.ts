import { setTimeout as sleep } from 'node:timers/promises';
import { domainErrorOf, ERRORS } from '../errors/index.ts';
import type { DockerPort, NetworkFacts, ServiceRequest } from '../postgres/clients/ports.ts';

export interface DockerCase {
  readonly docker: DockerPort;
  readonly swarmNodeId: string;
  /** An existing directory to mount. */
  readonly directory: string;
}

const IMAGE = 'windlass/postgres:17';
/** Milliseconds in which an aborted call must have ended. */
const ABORT_WITHIN_MS = 1000;
/** How long an engine that has too much to do may take to do what all others need, in ms. */
const PATIENCE_MS = 60_000;
const never = (): AbortSignal => new AbortController().signal;

/** What every Docker must do; `prefix` begins the names of all that is made. */
export function describeDocker(name: string, prefix: string, open: () => DockerCase): void {
  describe(name, () => {
    describeImages(() => open().docker);
    describeSwarm(open);
    describeNetworks(`${prefix}-net`, () => open().docker);
    describeServices(prefix, open);
  });
}

/** As an activity does it: what may pass is tried again. */
async function patiently<T>(once: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await once();
    } catch (err) {
      const code = domainErrorOf(err)?.code;
      if (code === undefined || !ERRORS[code].retryable || Date.now() > until) throw err;
      await sleep(500);
    }
  }
}

function describeImages(docker: () => DockerPort): void {
  it('knows images by reference and by id', async () => {
    const image = await docker().image(IMAGE);
    expect(image?.postgresVersion).toMatch(/^17\.\d+$/);
    expect(await docker().image(image?.id ?? '')).toEqual(image);
    expect(await docker().image('windlass/nothing:1')).toBeUndefined();
    const images = await docker().postgresImages();
    const found = images.find((i) => i.id === image?.id);
    expect(found).toMatchObject({ postgresVersion: image?.postgresVersion });
    expect(found?.references).toContain(IMAGE);
    expect(new Set(images.map((i) => i.id)).size).toBe(images.length);
    const [replicator] = await docker().replicatorImages();
    expect(replicator).toMatchObject({ id: expect.stringMatching(/^sha256:/), hash: expect.stringMatching(/./) });
  });
}

function describeSwarm(open: () => DockerCase): void {
  it('tells what the engine is in the swarm, and how others join', async () => {
    const { containers, swarm } = await open().docker.engine();
    expect(swarm).toEqual({ state: 'active', controlAvailable: true, error: '' });
    expect(containers.all).toBeGreaterThanOrEqual(containers.running);
    const entrance = await open().docker.swarmEntrance();
    expect(entrance?.joinToken).toMatch(/^SWMTKN-1-/);
    expect(entrance?.addresses).toEqual([expect.stringMatching(/:2377$/)]);
  });
  it('a node that is not there is removed; the last manager stays', async () => {
    const { docker, swarmNodeId } = open();
    await docker.removeNode('absent', never());
    await expect(docker.removeNode(swarmNodeId, never())).rejects.toThrow(/last manager/);
  });
}

function describeNetworks(name: string, docker: () => DockerPort): void {
  it('what is absent is undefined, and says so to a service', async () => {
    expect(await docker().network(name)).toBeUndefined();
    expect(await docker().networkRefusal(name)).toBe(`network '${name}' does not exist in the swarm`);
    await docker().removeNetwork('absent', never());
  });
  it('a network is found with its labels, and its name is taken', async () => {
    const made = await docker().createNetwork(name, { a: 'b' }, never());
    await docker().awaitSubnet(made.id, never());
    expect(await docker().network(name)).toEqual({ id: made.id, labels: { a: 'b' } });
    expect(await docker().networkRefusal(name)).toBeUndefined();
    expect(await docker().networkRefusal(made.id)).toBeUndefined();
    await expect(docker().createNetwork(name, {}, never())).rejects.toMatchObject({ code: 'service_rejected' });
    await docker().removeNetwork(made.id, never());
    await docker().removeNetwork(made.id, never());
    expect(await docker().network(name)).toBeUndefined();
  });
  it('a database’s own network is nobody else’s', async () => {
    const made = await docker().createNetwork(name, { 'windlass.database': 'shop' }, never());
    expect(await docker().networkRefusal(name)).toContain("'shop'");
    await docker().removeNetwork(made.id, never());
  });
  it('the host’s own networks cannot be asked for', async () => {
    for (const own of ['bridge', 'host', 'none']) expect(await docker().networkRefusal(own)).toContain(`'${own}'`);
  });
}

function describeServices(prefix: string, open: () => DockerCase): void {
  const docker = (): DockerPort => open().docker;
  const name = `${prefix}-service`;
  let network: NetworkFacts;
  beforeAll(async () => {
    network = await patiently(() => docker().createNetwork(`${prefix}-services`, {}, never()));
  });
  afterAll(() => patiently(() => docker().removeNetwork(network.id, never())));
  const request = (more: Partial<ServiceRequest> = {}): ServiceRequest => ({
    name, image: IMAGE, hostname: 'it', command: ['sleep', '600'], labels: { l: '1' }, containerLabels: { c: '1' },
    swarmNodeId: open().swarmNodeId, networks: [{ target: 'bridge' }, { target: network.id, aliases: ['it'] }],
    mounts: [{ source: open().directory, target: '/mnt/it', readOnly: true }], publish: [], stopGraceSeconds: 1, replicas: 1, ...more,
  }); // prettier-ignore
  const running = () => docker().waitForRunning(name, never());
  const aborted = async (call: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
    const stop = new AbortController();
    const ended = expect(call(stop.signal)).rejects.toThrow('enough');
    const started = performance.now();
    stop.abort(new Error('enough'));
    await ended;
    expect(performance.now() - started).toBeLessThan(ABORT_WITHIN_MS);
  };

  it('what is absent is undefined; removing it succeeds, using it does not', async () => {
    expect([await docker().service(name), await docker().serviceContainer(name)]).toEqual([undefined, undefined]);
    await docker().removeService(name, never());
    await docker().removeContainer('absent');
    await docker().kill('absent', 'KILL');
    await expect(docker().updateService(name, request())).rejects.toMatchObject({ code: 'service_rejected' });
    await expect(running()).rejects.toMatchObject({ code: 'service_rejected' });
  });
  it('a service cannot join a network that is not there', async () => {
    await expect(docker().createService(request({ networks: [{ target: 'absent' }] }))).rejects.toThrow('not found');
    expect(await docker().service(name)).toBeUndefined();
  });
  it('a service runs a container', async () => {
    const bridged = jest.fn();
    const stop = docker().onBridged(bridged);
    const id = await docker().createService(request());
    expect(await docker().service(name)).toMatchObject({ id, labels: { l: '1' }, replicas: 1 });
    const container = await running();
    expect(container).toMatchObject({ state: 'running', labels: { c: '1' } });
    expect(container.address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(await docker().serviceContainer(name)).toEqual(container);
    expect(container.serviceId).toBe(id);
    stop();
    expect(bridged).toHaveBeenCalled();
    const { device, ipv6, containers } = await docker().bridge();
    expect([device, ipv6]).toEqual(['docker0', false]);
    expect(containers.find((one) => one.id === container.id)).toEqual({
      ...{ id: container.id, address: container.address, mac: expect.stringMatching(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/) as string },
      ...{ labels: expect.objectContaining({ c: '1' }) as object, mounts: [open().directory] },
    }); // prettier-ignore
    const { startedAt: _startedAt, serviceId: _serviceId, ...summary } = container;
    expect((await docker().serviceContainers()).get(name)).toMatchObject(summary);
    await expect(docker().createService(request())).rejects.toMatchObject({ code: 'service_rejected' });
  });
  it('a label of the service leaves the container alone, one of the container does not', async () => {
    const [before, first] = [await running(), await docker().service(name)];
    await docker().updateService(name, request({ labels: { l: '2' } }));
    const second = await docker().service(name);
    expect(second?.labels).toEqual({ l: '2' });
    expect(second?.version).toBeGreaterThan(first?.version ?? 0);
    expect((await running()).id).toBe(before.id);
    await docker().updateService(name, request({ containerLabels: { c: '2' } }));
    await docker().removeContainer(before.id);
    expect(await running()).toMatchObject({ labels: { c: '2' } });
    expect((await running()).id).not.toBe(before.id);
  });
  it('a killed container is reported, and another one comes', async () => {
    let stop = (): void => undefined;
    const before = await running();
    const died = new Promise<unknown>((resolve) => (stop = docker().onContainerDied(resolve)));
    await docker().kill(before.id, 'HUP');
    expect(await docker().serviceContainer(name)).toEqual(before);
    await docker().kill(before.id, 'KILL');
    const attributes = expect.objectContaining({ c: '2', 'com.docker.swarm.service.name': name }) as unknown;
    expect(await died).toEqual({ containerId: before.id, attributes });
    expect((await running()).id).not.toBe(before.id);
    stop();
  });
  it('a removed container is gone, and another one comes', async () => {
    const before = await running();
    await docker().removeContainer(before.id);
    await docker().removeContainer(before.id);
    expect((await running()).id).not.toBe(before.id);
  });
  it('a network in use is not removed; waiting ends when it is told to', async () => {
    await aborted((signal) => docker().removeNetwork(network.id, signal));
    expect(await docker().network(`${prefix}-services`)).toEqual(network);
  });
  it('with no replica none runs, and waiting for one ends when it is told to', async () => {
    const before = await running();
    await docker().updateService(name, request({ replicas: 0 }));
    await docker().removeContainer(before.id);
    expect((await docker().service(name))?.replicas).toBe(0);
    await aborted((signal) => docker().waitForRunning(name, signal));
  });
  it('a removed service leaves nothing', async () => {
    await docker().removeService(name, never());
    expect([await docker().service(name), await docker().serviceContainer(name)]).toEqual([undefined, undefined]);
  });
  it.each([
    ['mount', { mounts: [{ source: '/absent/windlass', target: '/mnt/it', readOnly: true }] }, '/absent/windlass'],
    ['image', { image: 'windlass/nothing:1' }, 'No such image'],
  ])('an impossible %s is told, not waited for', async (_what, more, reason) => {
    await docker().createService(request(more));
    const waited = docker().waitForRunning(name, AbortSignal.timeout(30_000));
    await expect(waited).rejects.toMatchObject({ code: 'service_rejected', message: expect.stringContaining(reason) as string }); // prettier-ignore
    await docker().removeService(name, never());
  });
}
