import { Agent, buildConnector, request } from 'undici';
import { z } from 'zod';
import { DomainError } from '../../errors/index.ts';
import { secureContextOf, type ClientIdentity } from '../../platform/clients/secure-context.ts';
import { REPLICATOR_PORT } from '../spec/replicator.ts';
import { Agents } from './agents.ts';
import type { ReplicatorFacts } from './ports.ts';

const TIMEOUT_MS = 1500;

const peer = z
  .object({
    ...{ number: z.int(), name: z.string(), state: z.enum(['connecting', 'streaming', 'retrying', 'stopped']) },
    ...{ waits_for: z.string().nullable(), lag_bytes: z.number().nullable(), lag_ms: z.number().nullable() },
    ...{ last_commit_time: z.string().nullable(), clock_offset_ms: z.number().nullable() },
    stopped_at_lsn: z.string().nullable(),
  })
  .transform(({ number, name, state, ...one }) => ({
    ...{ number, name, state, waitsFor: one.waits_for, lagBytes: one.lag_bytes, lagMs: one.lag_ms },
    ...{ lastCommitTime: one.last_commit_time, clockOffsetMs: one.clock_offset_ms, stoppedAt: one.stopped_at_lsn },
  }));
const slot = z
  .object({
    ...{ peer: z.int(), exists: z.boolean(), active: z.boolean(), wal_status: z.string().nullable() },
    ...{ safe_wal_size: z.number().nullable(), retained_bytes: z.number().nullable() },
  })
  .transform(({ peer: number, exists, active, ...one }) => ({
    ...{ peer: number, exists, active, walStatus: one.wal_status },
    ...{ safeWalSize: one.safe_wal_size, retainedBytes: one.retained_bytes },
  }));
const condition = z.object({ type: z.string(), peer: z.int().nullable(), message: z.string(), since: z.string() });
const status = z
  .object({
    node: z.object({ primary: z.string().nullable() }),
    ...{ peers: z.array(peer), slots: z.array(slot), conflicts: z.number(), conditions: z.array(condition) },
  })
  .transform(({ node, ...rest }): ReplicatorFacts => ({ primary: node.primary, ...rest }));

/** `GET /status` of replicators, over mutual TLS. The address is not in their certificates, so only the CA is checked. */
export function createReplicatorHttp(identityAt: (address: string) => Promise<ClientIdentity>) {
  const agents = new Agents(openAgent);
  return {
    async status(address: string): Promise<ReplicatorFacts> {
      const dispatcher = agents.for(address, await identityAt(address));
      try {
        const url = `https://${address}:${String(REPLICATOR_PORT)}/status`;
        const { body } = await request(url, { dispatcher, signal: AbortSignal.timeout(TIMEOUT_MS) });
        return status.parse(await body.json());
      } catch (err) {
        const reason = err instanceof Error ? err.message : 'unknown';
        throw new DomainError('replicator_unavailable', `the replicator at ${address} does not answer: ${reason}`, {
          cause: err,
        });
      }
    },
    close: (): Promise<void> => agents.close(),
  };
}

function openAgent(identity: ClientIdentity): Agent {
  const options = { secureContext: secureContextOf(identity), timeout: TIMEOUT_MS };
  const connect = buildConnector({ ...options, checkServerIdentity: () => undefined });
  return new Agent({ connect, keepAliveTimeout: 10_000 });
}
