import type Docker from 'dockerode';
import { createDockerNetworks } from './docker-networks.ts';
import type { DockerEvents } from './docker-events.ts';

/** An engine that shows a network with these subnets, one answer after the other; the last one again and again. */
function open(...answers: (string | undefined)[]) {
  let asked = 0;
  const inspect = () => {
    const Subnet = answers[Math.min(asked++, answers.length - 1)];
    return Promise.resolve({ Name: 'windlass-shop', IPAM: { Config: Subnet === undefined ? [] : [{ Subnet }] } });
  };
  const docker = { getNetwork: () => ({ inspect }) } as unknown as Docker;
  return { networks: createDockerNetworks(docker, {} as DockerEvents), asked: () => asked };
}
const never = (): AbortSignal => new AbortController().signal;

describe('a network without a subnet', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is waited for until the swarm has given it one', async () => {
    const { networks, asked } = open(undefined, undefined, '10.0.7.0/24');
    const waited = networks.awaitSubnet('n1', never());
    await jest.advanceTimersByTimeAsync(100);
    await waited;
    expect(asked()).toBe(3);
  });

  it('that gets none is an error that says why and what to do, within ten seconds', async () => {
    const { networks } = open(undefined);
    const waited = expect(networks.awaitSubnet('n1', never())).rejects.toMatchObject({
      code: 'service_rejected',
      message: expect.stringMatching(/'windlass-shop' no subnet.*--default-addr-pool/) as string,
    });
    await jest.advanceTimersByTimeAsync(10_000);
    await waited;
  });

  it('is not waited for any more when the step is canceled', async () => {
    const { networks } = open(undefined);
    const stop = new AbortController();
    const waited = expect(networks.awaitSubnet('n1', stop.signal)).rejects.toThrow('aborted');
    await jest.advanceTimersByTimeAsync(100);
    stop.abort();
    await waited;
  });
});
