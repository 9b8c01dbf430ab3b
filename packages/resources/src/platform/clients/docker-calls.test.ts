import { toFailure } from '../../errors/index.ts';
import { orUndefined, reachDocker } from './docker-calls.ts';

const refused = (statusCode: number, message: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(message), { statusCode, json: { message } }));

test.each([
  [404, 'no such service'],
  [500, 'network z7v2cd32zbdb5uppxmbvpnl63 not found'],
])('status %i, %s: it is not there', async (status, message) => {
  expect(await orUndefined(refused(status, message))).toBeUndefined();
});

test.each([
  [500, 'could not find an available address'],
  [409, 'network shop not found'],
])('status %i, %s: an error', async (status, message) => {
  await expect(orUndefined(refused(status, message))).rejects.toThrow(message);
});

test.each([
  [400, 'rpc error: code = InvalidArgument desc = name must be 63 characters or fewer', 'service_rejected'],
  [500, 'rpc error: code = InvalidArgument desc = mount target must be set', 'service_rejected'],
  [500, 'rpc error: code = ResourceExhausted desc = grpc: received message larger than max', 'service_rejected'],
  [501, 'not implemented', 'service_rejected'],
  [403, 'endpoint with name x already exists in network y', 'service_rejected'],
  [500, 'write /var/lib/docker/tmp: no space left on device', 'no_space'],
  [500, 'rpc error: code = Unknown desc = update out of sequence', 'docker_unavailable'],
  [409, 'container 0123 is not running', 'docker_unavailable'],
  [409, 'Container 0123 is restarting, wait until the container is running', 'docker_unavailable'],
  [409, 'removal of container 0123 is already in progress', 'docker_unavailable'],
  [429, 'too many requests', 'docker_unavailable'],
  [503, 'This node is not a swarm manager', 'docker_unavailable'],
] as const)('status %i, %s: %s', async (status, message, code) => {
  await expect(reachDocker(refused(status, message))).rejects.toMatchObject({ code, message: `Docker: ${message}` });
});

test('a swarm without a leader is asked again less often, and so for longer', async () => {
  const message =
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online.";
  const failure = (err: unknown): unknown => toFailure(err);
  expect(await orUndefined(refused(500, message)).catch(failure)).toMatchObject({ nextRetryDelay: 5000 });
  expect(await orUndefined(refused(500, 'another')).catch(failure)).not.toMatchObject({ nextRetryDelay: 5000 });
});
