import type { AddressInfo } from 'node:net';
import { createCa } from '@windlass/resources/platform/trust';
import { catalogue, LABEL } from '../../../server/src/testing/backed-up.ts';
import { openWorld, PRIMARY, REPLICA, TASK } from '../../../server/src/testing/contract-world.ts';
import { answerLive } from '../../../server/src/testing/live-answers.ts';
import type { Fixture } from '../../../server/src/testing/fixture.ts';

export { LABEL, PRIMARY, REPLICA, TASK };

export interface TestServer {
  readonly url: string;
  readonly fixture: Fixture;
  close(): Promise<void>;
}

const ref = { kind: 'postgres.role', id: 'shop-n1-reader' };
const step = {
  key: 'postgres.role::shop-n1-reader',
  ref,
  action: 'create',
  reason: 'missing',
  fields: [],
  dependsOn: [],
};

const SENTENCE = 'create postgres.role::shop-n1-reader because it does not exist';

/** The server itself, on a port of loopback, with memory for a store: three hosts, and the database `shop` on two of them. */
export async function openServer(): Promise<TestServer> {
  const { certPem } = await createCa('command');
  const fixture = await openWorld(certPem);
  fixture.temporal.results.set('listBackups', catalogue);
  answerLive(fixture);
  fixture.temporal.results.set('planDatabase', { steps: [step], sentences: [SENTENCE] });
  await fixture.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = fixture.app.server.address() as AddressInfo;
  const close = (): Promise<void> => {
    const closed = fixture.app.close();
    // One that fetch opened and asked nothing on is not idle to Node.
    fixture.app.server.closeAllConnections();
    return closed;
  };
  return { url: `http://127.0.0.1:${String(port)}`, fixture, close };
}
