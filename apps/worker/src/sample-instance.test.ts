import type { Clients } from '@windlass/resources/clients';
import type { InstanceStatus, ResourceRecord } from '@windlass/resources/store';
import { sampleInstance } from './sample-instance.ts';

const record = {
  spec: {
    instanceId: 'shop-n1-a',
    nodeName: 'n1',
    hostId: 'host-1',
    serviceName: 'postgres-shop-n1-a',
    scope: 'shop:n1',
  },
} as unknown as ResourceRecord;
const PRIMARY = { standby: false, read_only: 'off', streaming: false };
const REPLICA = { standby: true, read_only: 'on', streaming: true };

let woken: string[];

/** Looks at an instance that answers `row`, in a node with these synchronous standbys. */
function sample(row: object, synchronous: boolean, standbys: () => Promise<string[]>): Promise<InstanceStatus> {
  woken = [];
  const clients = {
    host: { hostId: 'host-1', clientAddresses: ['192.0.2.1'] },
    docker: {
      serviceContainer: () => Promise.resolve({ id: 'c1', state: 'running', address: '10.0.0.1', labels: {} }),
    },
    dcs: { synchronousStandbys: standbys },
    patroni: {
      status: () =>
        Promise.resolve({ state: 'running', role: 'primary', serverVersion: 170_006, pendingRestart: false }),
      wake: (address: string) => Promise.resolve(void woken.push(address)),
    },
    postgres: {
      session: (_target: unknown, work: (session: unknown) => unknown) => work({ query: () => Promise.resolve([row]) }),
    },
  } as unknown as Clients;
  return sampleInstance(clients, 'shop', record, { port: 5432, synchronous });
}

test('a synchronous primary that names no standby is unprotected, and Patroni is asked to name one', async () => {
  expect(await sample(PRIMARY, true, () => Promise.resolve([]))).toMatchObject({ writable: true, unprotected: true });
  expect(woken).toEqual(['10.0.0.1']);
});

test.each([
  ['names a standby', PRIMARY, true, () => Promise.resolve(['shop-n1-b'])],
  ['belongs to an asynchronous node', PRIMARY, false, () => Promise.resolve([])],
  ['is a replica', REPLICA, true, () => Promise.resolve([])],
  ['cannot be judged, as etcd does not answer', PRIMARY, true, () => Promise.reject(new Error('no etcd'))],
])('an instance that %s is not called unprotected', async (_what, row, synchronous, standbys) => {
  const status = await sample(row, synchronous, standbys);
  expect(status).toMatchObject({ container: 'running', writable: row === PRIMARY, streaming: row === REPLICA });
  expect(status).not.toHaveProperty('unprotected');
  expect(woken).toEqual([]);
});
