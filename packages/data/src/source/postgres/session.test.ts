import { getEventListeners, once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { openSession } from './session.ts';

it('a login that nobody answers ends at once when it is to', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const aborter = new AbortController();
  const { signal } = aborter;
  const opening = openSession({
    ...{ host: '127.0.0.1', port, database: 'd', user: 'u', applicationName: 'test' },
    ...{ signal, connectTimeoutMs: 30_000 },
  });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const began = Date.now();
  aborter.abort();
  await expect(opening).rejects.toMatchObject({ code: 'connection_failed', details: { reason: 'closed' } });
  expect(Date.now() - began).toBeLessThan(5000);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  socket.destroy();
  server.close();
});
