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
