import type Docker from 'dockerode';
import { createDockerNetworks } from './docker-networks.ts';
import type { DockerEvents } from './docker-events.ts';

/** An engine that shows a network with these subnets, one answer after the other; the last one again and again. */
function open(pool: string, used: readonly string[], ...answers: (string | undefined)[]) {
  let asked = 0;
  const network = (Subnet: string | undefined) => ({ Name: 'windlass-shop', IPAM: { Config: Subnet === undefined ? [] : [{ Subnet }] } }); // prettier-ignore
  const inspect = () => Promise.resolve(network(answers[Math.min(asked++, answers.length - 1)]));
  const docker = {
    getNetwork: () => ({ inspect }),
    info: () => Promise.resolve({ Swarm: { Cluster: { DefaultAddrPool: [pool], SubnetSize: 24 } } }),
    listNetworks: () => Promise.resolve([...used.map(network), { Name: 'odd', IPAM: { Config: null } }]),
  } as unknown as Docker;
  return { networks: createDockerNetworks(docker, {} as DockerEvents), asked: () => asked };
}
const never = (): AbortSignal => new AbortController().signal;

describe('a network without a subnet', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is waited for until the swarm has given it one', async () => {
    const { networks, asked } = open('10.0.0.0/8', [], undefined, undefined, '10.0.7.0/24');
    const waited = networks.awaitSubnet('n1', never());
    await jest.advanceTimersByTimeAsync(100);
    await waited;
    expect(asked()).toBe(3);
  });

  it.each([
    ['10.0.0.0/22', ['10.0.0.0/24', '10.0.2.0/23', '10.0.1.16/28']],
    ['10.0.0.0/23', ['10.0.0.0/16']],
  ])('where the pool %s is used up is an error that says so and what to do, within ten seconds', async (pool, used) => {
    const { networks } = open(pool, used, undefined);
    const waited = expect(networks.awaitSubnet('n1', never())).rejects.toMatchObject({
      code: 'service_rejected',
      message: expect.stringMatching(/'windlass-shop'.*used up.*--default-addr-pool/) as string,
    });
    await jest.advanceTimersByTimeAsync(10_000);
    await waited;
  });

  it('where one is free is waited for a minute: the swarm is busy; then it may be tried again', async () => {
    const late = open('10.0.0.0/22', ['10.0.0.0/23', '10.0.3.0/24'], undefined);
    const waited = expect(late.networks.awaitSubnet('n1', never())).rejects.toMatchObject({
      code: 'docker_unavailable',
    });
    await jest.advanceTimersByTimeAsync(62_000);
    await waited;
  });

  it('is not waited for any more when the step is canceled', async () => {
    const { networks } = open('10.0.0.0/8', [], undefined);
    const stop = new AbortController();
    const waited = expect(networks.awaitSubnet('n1', stop.signal)).rejects.toThrow('aborted');
    await jest.advanceTimersByTimeAsync(100);
    stop.abort();
    await waited;
  });
});
