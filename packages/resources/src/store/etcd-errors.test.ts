import { ERRORS } from '../errors/index.ts';
import { meaningOf, reach } from './etcd-errors.ts';

test.each([
  ['3 INVALID_ARGUMENT: etcdserver: request is too large', 'too_large'],
  ['8 RESOURCE_EXHAUSTED: Received message larger than max (6274430 vs 4194304)', 'too_large'],
  ['8 RESOURCE_EXHAUSTED: grpc: received message larger than max (3000000 vs 2097152)', 'too_large'],
  ['3 INVALID_ARGUMENT: etcdserver: too many operations in txn request', 'store_refused'],
  ['3 INVALID_ARGUMENT: etcdserver: key is not provided', 'store_refused'],
  ['9 FAILED_PRECONDITION: etcdserver: role name not found', 'store_refused'],
  ['11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted', 'store_refused'],
  ['8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded', 'store_full'],
  ['9 FAILED_PRECONDITION: etcdserver: not leader', 'store_unavailable'],
  ['8 RESOURCE_EXHAUSTED: etcdserver: too many requests', 'store_unavailable'],
  ['14 UNAVAILABLE: etcdserver: request timed out', 'store_unavailable'],
  ['4 DEADLINE_EXCEEDED: Deadline exceeded', 'store_unavailable'],
  ['3 INVALID_ARGUMENT: etcdserver: user name is empty', 'not_a_member'],
  ['3 INVALID_ARGUMENT: etcdserver: duplicate key given in txn request', 'server_error'],
] as const)('%s is %s', (said, code) => {
  const found = meaningOf(new Error(`${said}\nat somewhere`));
  expect(found).toMatchObject({ code, message: expect.stringContaining(said) as string });
  expect(found.message).not.toContain('somewhere');
  if (code !== 'store_unavailable') expect(found.message).not.toContain('does not answer');
});

test('what etcd refuses is not tried again; what passes is', () => {
  expect([ERRORS.too_large, ERRORS.store_refused].map((facts) => facts.retryable)).toEqual([false, false]);
  expect([ERRORS.store_full, ERRORS.store_unavailable].map((facts) => facts.retryable)).toEqual([true, true]);
});

test.each([
  '3 INVALID_ARGUMENT: etcdserver: revision of auth store is old',
  '14 UNAVAILABLE: Channel closed before call started',
])('a request that ended with %s did nothing, and is repeated at once', async (said) => {
  let calls = 0;
  const call = () => (++calls < 3 ? Promise.reject(new Error(said)) : Promise.resolve(7));
  expect(await reach(call)).toBe(7);
});

test('that the certificate has ended which etcd shows is said in words, one of our own is named', () => {
  const err = new Error('14 UNAVAILABLE: No connection established. Last error: certificate has expired');
  expect(meaningOf(err).message).toBe('etcd does not answer: the certificate that etcd shows has ended');
  expect(meaningOf(err, () => 'the certificate of host-1 for etcd ended at noon').message).toContain('host-1');
  const refused = new Error('7 PERMISSION_DENIED: etcdserver: permission denied');
  expect(meaningOf(refused, () => 'the certificate of host-1 for etcd ended at noon').message).not.toContain('host-1');
});
