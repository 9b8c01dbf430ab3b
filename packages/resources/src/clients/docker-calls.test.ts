import { toFailure } from '../errors/index.ts';
import { orUndefined } from './docker-calls.ts';

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

test('a swarm without a leader is asked again less often, and so for longer', async () => {
  const message =
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online.";
  const failure = (err: unknown): unknown => toFailure(err);
  expect(await orUndefined(refused(500, message)).catch(failure)).toMatchObject({ nextRetryDelay: 5000 });
  expect(await orUndefined(refused(500, 'another')).catch(failure)).not.toMatchObject({ nextRetryDelay: 5000 });
});
