import { getEventListeners, once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { NodeSession } from './node-session.ts';

it('a login that nobody answers ends at once when the comparison is to', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const aborter = new AbortController();
  const connection = { host: '127.0.0.1', port, user: 'u', database: 'd' };
  const opening = NodeSession.open({ number: 1, name: 'n1', connection }, aborter.signal);
  const [socket] = (await once(server, 'connection')) as [Socket];
  aborter.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  expect(getEventListeners(aborter.signal, 'abort')).toEqual([]);
  socket.destroy();
  server.close();
});
