import type { Clients, PeerFacts, ReplicatorFacts } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { contextFor } from '../../testing/apply-all.ts';
import { drain, untilReplicator } from './until-replicator.ts';

const place = { nodeName: 'n1', scope: 'shop:n1' };
const peer: PeerFacts = {
  ...{ number: 2, name: 'n2', state: 'streaming', waitsFor: null, lagBytes: 5, lagMs: 1 },
  ...{ lastCommitTime: null, clockOffsetMs: 0, stoppedAt: null },
};
const facts = (more: Partial<PeerFacts> = {}): ReplicatorFacts => ({
  ...{ primary: 'a:5432', peers: [{ ...peer, ...more }], slots: [], conflicts: 0, conditions: [] },
});
const container = { id: 'c', state: 'running', address: '10.0.0.1', labels: {} };

/** The replicator says one thing after the other, then the last one again and again. */
function contextWith(answers: readonly (ReplicatorFacts | DomainError)[], signal?: AbortSignal) {
  const told: string[] = [];
  const left = [...answers];
  const next = () => (left.length > 1 ? left.shift() : left[0]);
  const clients = {
    dcs: { leader: () => Promise.resolve('shop-n1-a') },
    docker: { serviceContainer: () => Promise.resolve(container) },
    replication: {
      status: () => {
        const answer = next();
        return answer instanceof DomainError ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  } as unknown as Clients;
  const ref = { kind: 'replication.streams', id: 'n1' };
  return { told, left, context: contextFor(clients, 'shop', ref, new Map(), signal, told) };
}

describe('waiting for a replicator', () => {
  it('ends when nothing is missing; that it does not answer is waited for', async () => {
    const { context, left } = contextWith([new DomainError('replicator_unavailable'), facts(), facts({ lagBytes: 0 })]);
    const missing = ({ peers: [one] }: ReplicatorFacts): string[] => (one?.lagBytes === 0 ? [] : ['the rest']);
    await untilReplicator(place, context, { withinMs: 5000, otherwise: 'lags' }, missing);
    expect(left).toHaveLength(1);
  });

  it('says what it waited for when the time is over', async () => {
    const { context } = contextWith([facts()]);
    await expect(
      untilReplicator(place, context, { withinMs: 120, otherwise: 'does not follow' }, () => ['peace']),
    ).rejects.toMatchObject({ code: 'instance_not_ready', message: "node 'n1' does not follow: waiting for peace" });
  });

  it('throws what is none of the replicator', async () => {
    const { context } = contextWith([new DomainError('docker_unavailable')]);
    const limits = { withinMs: 5000, otherwise: '' };
    await expect(untilReplicator(place, context, limits, () => [])).rejects.toMatchObject({
      code: 'docker_unavailable',
    });
  });
});

describe('reading a peer to its end', () => {
  it('waits until nothing is left, or until what it wrote later arrives', async () => {
    for (const last of [facts({ lagBytes: 0 }), facts({ lastCommitTime: '2999-01-01T00:00:00Z' })]) {
      const { context, told, left } = contextWith([facts(), last]);
      await drain(place, peer, context);
      expect([told, left.length]).toEqual([[], 1]);
    }
  });

  it('does not wait for one that is not reached, and says what that means', async () => {
    const { context, told } = contextWith([facts({ state: 'retrying' })]);
    await drain(place, peer, context);
    expect(told).toEqual(["what node 'n2' had not sent to 'n1' yet is lost to it: it was not reached"]);
  });

  it('ends with a cancel', async () => {
    const stop = new AbortController();
    const { context } = contextWith([facts()], stop.signal);
    const draining = drain(place, peer, { ...context, progress: () => stop.abort() });
    await expect(draining).rejects.toThrow('aborted');
  });
});
