import type { Clients } from '../clients/ports.ts';
import { skipTransaction, type Skip } from './skip-transaction.ts';

const skip: Skip = {
  ...{ nodeName: 'n1', scope: 'shop:n1', instanceId: 'shop-n1-a', databaseName: 'shop', by: 'task t' },
  ...{ peer: { number: 2, name: 'n2' }, lsn: '0/1A' },
};

/** A node whose stream of n2 is stopped at each of these, one look after the other; null: it runs. */
function world(stops: (string | null)[], recorded: string[] = []) {
  const asked: string[] = [];
  const query = (text: string, [, lsn = '', by]: string[]): Promise<object[]> => {
    if (text.startsWith('SELECT')) return Promise.resolve(recorded.includes(lsn) ? [{}] : []);
    asked.push(`${lsn} by ${String(by)}`);
    return Promise.resolve([]);
  };
  const running = { state: 'running', address: '10.0.0.1' };
  const clients = {
    docker: { serviceContainer: () => Promise.resolve(running) },
    dcs: { leader: () => Promise.resolve('shop-n1-a') },
    postgres: { session: (_at: unknown, work: (session: unknown) => unknown) => work({ query }) },
    replication: {
      status: () => Promise.resolve({ peers: [{ number: 2, stoppedAt: stops.length > 1 ? stops.shift() : stops[0] }] }),
    },
  } as unknown as Clients;
  return { clients, asked };
}
const run = { signal: new AbortController().signal, progress: () => undefined };

test('is recorded, and ends when the stream has gone on; the position may be written in any way', async () => {
  const { clients, asked } = world(['0/0000001A', '0/1A', null]);
  await skipTransaction(clients, skip, run);
  expect(asked).toEqual(['0/1A by task t']);
});

test('once more is success', async () => {
  const { clients, asked } = world([null], ['0/1A']);
  await skipTransaction(clients, skip, run);
  expect(asked).toEqual(['0/1A by task t']);
});

test.each([
  ['0/2B', "node 'n1' is not stopped at 0/1A of 'n2': it is stopped at 0/2B"],
  [null, "node 'n1' is not stopped at 0/1A of 'n2': it is not stopped"],
])('where the stream is stopped at %s it is refused, and nothing is recorded', async (at, message) => {
  const { clients, asked } = world([at]);
  await expect(skipTransaction(clients, skip, run)).rejects.toMatchObject({ code: 'operation_refused', message });
  expect(asked).toEqual([]);
});
