import type { Clients } from '../clients/ports.ts';
import { scopeFor } from '../testing/apply-all.ts';
import { instance } from './instance.ts';

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
  const scope = scopeFor(clients, 'shop', instance.ref('shop-n1-a'), new Map());
  expect(await instance.create(spec, scope)).toEqual({ containerId: '' });
  expect(told).toEqual(['c SIGTERM']);
});
