import type { Clients } from '../clients/ports.ts';
import { contextFor } from '../../testing/apply-all.ts';
import { awaitInstance, instance } from './instance.ts';
import { untilReady } from './until-ready.ts';

test('an instance that is to stop is told so at once, and once: Swarm takes its time', async () => {
  const told: string[] = [];
  let looks = 0;
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state: (looks += 1) > 3 ? 'exited' : 'running' }),
    kill: (...what: string[]) => Promise.resolve(void told.push(what.join(' '))),
  };
  const clients = { docker } as unknown as Clients;
  const spec = {
    ...{
      instanceId: 'shop-n1-a',
      nodeName: 'n1',
      hostId: 'host-1',
      serviceName: 'postgres-shop-n1-a',
      scope: 'shop:n1',
    },
    stopped: true as const,
  };
  const context = contextFor(clients, 'shop', instance.ref('shop-n1-a'), new Map());
  expect(await instance.create(spec, context)).toEqual({ containerId: '' });
  expect(told).toEqual(['c SIGTERM']);
});

test('an instance that copies its primary is waited for as long as the same copy goes on', async () => {
  jest.useFakeTimers();
  try {
    const minutes = async (count: number): Promise<void> => void (await jest.advanceTimersByTimeAsync(count * 60_000));
    let process = '/proc/7\n';
    const docker = {
      serviceContainer: () => Promise.resolve({ id: 'c', state: 'running', address: '1.2.3.4', labels: {} }),
      exec: () => Promise.resolve({ exitCode: 0, stdout: process, stderr: '' }),
      log: () => Promise.resolve(''),
    };
    const postgres = { session: () => Promise.reject(new Error('it does not accept connections')) };
    const patroni = { wake: () => Promise.resolve() };
    const clients = { docker, postgres, patroni } as unknown as Clients;
    let ended: unknown;
    awaitInstance(clients, 'a', { signal: new AbortController().signal, progress: () => undefined }).catch(
      (err: unknown) => void (ended = err),
    );
    await minutes(60);
    expect(ended).toBeUndefined();
    const failing = setInterval(() => (process = `/proc/${String(Date.now())}\n`), 4000); // each look sees another attempt
    await minutes(11);
    clearInterval(failing);
    expect(ended).toMatchObject({ code: 'instance_not_ready' });
  } finally {
    jest.useRealTimers();
  }
});

test('the container of a service of that name that was removed is not taken for the one that is waited for', async () => {
  const of = (id: string, serviceId: string) => ({
    ...{ id, state: 'running', address: id },
    ...{ serviceId, labels: {} },
  });
  let looks = 0;
  const docker = { serviceContainer: () => Promise.resolve((looks += 1) > 2 ? of('new', 's2') : of('old', 's1')) };
  const session = (_at: unknown, work: (session: unknown) => Promise<unknown>): Promise<unknown> =>
    work({ query: () => Promise.resolve([{ standby: false, read_only: 'off' }]) });
  const patroni = { wake: () => Promise.resolve(), isPrimary: () => Promise.resolve(true) };
  const clients = { docker, patroni, postgres: { session } } as unknown as Clients;
  const { signal } = new AbortController();
  expect(await untilReady({ serviceName: 'a', serviceId: 's2' }, clients, signal)).toEqual({ containerId: 'new' });
  expect(await untilReady({ serviceName: 'a' }, clients, signal)).toEqual({ containerId: 'new' });
});
