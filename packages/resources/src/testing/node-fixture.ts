import { tmpdir } from 'node:os';
import type { Clients, ClusterMember, PostgresSession } from '../postgres/clients/ports.ts';
import { createFakeClients } from './fake-clients.ts';

/** A replica that streams, unless told otherwise. */
export const member = (name: string, more: Partial<ClusterMember> = {}): ClusterMember => ({
  name,
  role: 'replica',
  state: 'streaming',
  host: '192.0.2.1',
  lagBytes: 0,
  pendingRestart: false,
  ...more,
});
export const leader = member('a', { role: 'leader', state: 'running' });
export const MIB = 2 ** 20;
export const run: { readonly signal: AbortSignal; progress(): void } = {
  signal: new AbortController().signal,
  progress: () => undefined,
};

/** Clients of a host where nothing runs. */
export let fake: Clients;
beforeAll(async () => (fake = await createFakeClients(tmpdir())));

export interface Node {
  members?: ClusterMember[];
  leader?: string | undefined;
  config?: Record<string, unknown>;
  /** Named by Patroni in etcd; asked for once more each time. */
  synchronous?: () => string[];
  /** Who receives WAL according to the primary, asked for once more each time; all who run unless told. */
  receiving?: () => { name: string; lag: string }[];
  /** What Patroni does when it is asked for a change of the primary. */
  change?: (candidate: string) => Promise<void> | void;
}

/** A node as etcd and Patroni tell of it; every container runs here. */
export function clientsOf(node: Node): { clients: Clients; asked: string[] } {
  const asked: string[] = [];
  const change = async (kind: string, candidate: string): Promise<void> => {
    asked.push(`${kind} ${candidate}`);
    await node.change?.(candidate);
  };
  const container = { id: 'c', state: 'running' as const, startedAt: '', address: '192.0.2.1', labels: {} };
  const all = () => (node.members ?? []).map(({ name, lagBytes }) => ({ name, lag: String(lagBytes) }));
  const query = () => Promise.resolve((node.receiving ?? all)() as never[]);
  const clients: Clients = {
    ...fake,
    postgres: { ...fake.postgres, session: (_target, work) => work({ query } as unknown as PostgresSession) },
    docker: { ...fake.docker, serviceContainer: () => Promise.resolve(container) },
    dcs: {
      ...fake.dcs,
      config: () => Promise.resolve(node.config),
      leader: () => Promise.resolve(node.leader),
      synchronousStandbys: () => Promise.resolve(node.synchronous?.() ?? []),
      waitForLeader: async (_scope, signal, except) => {
        while (node.leader === undefined || node.leader === except) {
          signal.throwIfAborted();
          await new Promise((resolve) => setImmediate(resolve));
        }
        return node.leader;
      },
    },
    patroni: {
      ...fake.patroni,
      cluster: () => Promise.resolve(node.members ?? []),
      isPrimary: () => Promise.resolve(node.leader !== undefined),
      switchover: (_address, { candidate }) => change('switchover', candidate),
      failover: (_address, { candidate }) => change('failover', candidate),
    },
  };
  return { clients, asked };
}
