import { DomainError } from '@windlass/error-table';
import { Replicator } from '../../replicate/replicator.ts';
import { FakeDatabase, FakePeer, fakeParts } from './fakes.ts';

const endpoint = { hosts: [], database: 'app', user: 'someone' };
const started: Replicator[] = [];
afterEach(() => Promise.all(started.splice(0).map((one) => one.kill())));

/** A connection that ended. */
export const closed = (): Error => new DomainError('connection_failed', 'closed', { details: { reason: 'closed' } });

/** Node 1 with the peers 2 and 3, none of them real. */
export function world() {
  const data = new FakeDatabase();
  const [n2, n3] = [new FakePeer(), new FakePeer()];
  const made = fakeParts(data, new Map([[2, n2], [3, n3]])); // prettier-ignore
  const peers = [2, 3].map((number) => ({ number, name: `n${String(number)}`, endpoint }));
  const replicator = new Replicator({ me: { number: 1, name: 'n1' }, own: endpoint, peers, parts: made.parts });
  started.push(replicator);
  replicator.start();
  const peer = (number: number) => replicator.status.peers.find((one) => one.number === number);
  const conditions = (): string[] => replicator.status.conditions.map(({ type, peer: of }) => `${type} ${String(of)}`);
  return { data, n2, n3, ...made, replicator, peer, conditions };
}
