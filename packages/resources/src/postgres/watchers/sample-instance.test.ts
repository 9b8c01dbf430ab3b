import { sampleInstance } from './sample-instance.ts';
import { clientsThatFind, container, hostInstance, PRIMARY, REPLICA } from '../../testing/instance-fixture.ts';
import type { InstanceStatus } from '../records/index.ts';

let woken: string[];

/** Looks at an instance that answers `row`, in a node with these synchronous standbys. */
function sample(row: object, synchronous: boolean, standbys: () => Promise<string[]>): Promise<InstanceStatus> {
  woken = [];
  const clients = clientsThatFind({ row, standbys, onWake: (address) => woken.push(address) });
  return sampleInstance(clients, { ...hostInstance, synchronous }, Promise.resolve(container));
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

test('an instance that does not do its part is told to Patroni, which would look up to 10 s later', async () => {
  const { sampledAt: _sampledAt, ...status } = await sample({ standby: false, read_only: 'on' }, false, () =>
    Promise.resolve([]),
  );
  expect(status).toMatchObject({ container: 'running', writable: false, error: 'the instance is read-only' });
  expect(woken).toEqual(['10.0.0.1']);
});

test.each([
  ['is behind', 4096, { lagBytes: 4096 }],
  ['has replayed more than it was told of last', -56, { lagBytes: 0 }],
])('of a replica that %s it is known how far', async (_what, lag_bytes, told) => {
  expect(await sample({ ...REPLICA, lag_bytes }, false, () => Promise.resolve([]))).toMatchObject(told);
});
