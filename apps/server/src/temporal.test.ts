import net, { type AddressInfo } from 'node:net';
import { aCodec } from '@windlass/resources/testing';
import { readConfig } from './config.ts';
import { openTemporal } from './temporal.ts';

const config = (address: string) =>
  readConfig({
    WINDLASS_CA_CERT: 'ca.crt',
    WINDLASS_CLIENT_CERT: 'client.crt',
    WINDLASS_CLIENT_KEY: 'client.key',
    WINDLASS_MASTER_KEY_FILE: 'master.key',
    WINDLASS_CA_KEY: 'ca.key',
    WINDLASS_TEMPORAL_ADDRESS: address,
  });
const request = {
  type: 'planDatabase',
  id: 'plan/x',
  input: { databaseId: 'x', proposalId: 'p' },
  summary: 'plan database x',
} as const;

/** A server that takes connections and never says a word. */
async function openMute(): Promise<{ address: string; close(): void }> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, close };
}

/** An address at which nobody listens. */
async function closedAddress(): Promise<string> {
  const mute = await openMute();
  mute.close();
  return mute.address;
}

/** Time passes only when a test says so; sockets go on. */
const stopTheClock = (): void => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
afterEach(() => void jest.useRealTimers());

test.each([
  ['start', (t) => t.start(request)],
  ['execute', (t) => t.execute(request, 15_000)],
  ['cancel', (t) => t.cancel('database/x')],
  ['isRunning', (t) => t.isRunning('database/x')],
  ['hasWorker', (t) => t.hasWorker('control')],
] as readonly (readonly [string, (t: ReturnType<typeof openTemporal>) => Promise<unknown>])[])(
  '%s without a Temporal to connect to fails at once, with the reason',
  async (_name, use) => {
    const address = await closedAddress();
    const temporal = openTemporal(config(address), aCodec());
    stopTheClock(); // no time passes: no deadline does
    await expect(use(temporal)).rejects.toMatchObject({
      code: 'temporal_unavailable',
      message: `Temporal at ${address} does not answer: connect ECONNREFUSED ${address}`,
    });
    jest.useRealTimers();
    await temporal.close();
  },
);

test('a Temporal that takes the connection and says nothing is given up within 3 s, also when a result is awaited', async () => {
  const mute = await openMute();
  const temporal = openTemporal(config(mute.address), aCodec());
  stopTheClock();
  const begun = Date.now();
  let isOver = false;
  const calls = [temporal.start(request), temporal.execute(request, 15_000)].map((call) =>
    expect(call).rejects.toMatchObject({ code: 'temporal_unavailable' }),
  );
  const all = Promise.all(calls).finally(() => (isOver = true));
  while (!isOver) await jest.advanceTimersByTimeAsync(50);
  await all;
  expect(Date.now() - begun).toBeLessThan(3000);
  jest.useRealTimers();
  await temporal.close();
  mute.close();
});
