import type { AddressInfo } from 'node:net';
import { openWorld, PRIMARY, REPLICA } from '../../../server/src/testing/contract-world.ts';
import type { Fixture } from '../../../server/src/testing/fixture.ts';

export { PRIMARY, REPLICA };

export interface TestServer {
  readonly url: string;
  readonly fixture: Fixture;
  close(): Promise<void>;
}

/** The server itself, on a port of loopback, with memory for a store: three hosts, and the database `shop` on two of them. */
export async function openServer(): Promise<TestServer> {
  const fixture = await openWorld('');
  await fixture.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fixture.app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, fixture, close: () => fixture.app.close() };
}
