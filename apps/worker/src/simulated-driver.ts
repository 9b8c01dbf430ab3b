import type { Clients, ContainerSummary } from '@windlass/resources/postgres/clients';
import { simulated } from '@windlass/resources/engine';
import type { OpenedDeps } from './deps.ts';

const CONTAINER: ContainerSummary = { id: 'simulated', state: 'running', address: '192.0.2.1', labels: {} };

/** A host on which every service runs. */
class Everything extends Map<string, ContainerSummary> {
  override get(): ContainerSummary {
    return CONTAINER;
  }
}

/**
 * The same worker on a host without containers: every kind is carried out by nobody, and every instance is a primary that
 * takes writes. What is left is what the control plane itself costs.
 */
export function withSimulatedDriver(opened: OpenedDeps): OpenedDeps {
  const { docker, patroni, postgres } = opened.clients;
  const status = {
    state: 'running',
    role: 'primary',
    serverVersion: 170_006,
    pendingRestart: false,
    paused: false,
  } as const;
  const clients: Clients = {
    ...opened.clients,
    docker: { ...docker, serviceContainers: () => Promise.resolve(new Everything()) },
    patroni: { ...patroni, status: () => Promise.resolve({ ...status, timeline: 1 }) },
    postgres: { ...postgres, session: (_target, work) => work(SESSION) },
  };
  return { ...opened, clients, kind: (name) => simulated(opened.kind(name)) };
}

const SESSION = {
  query: <T>() => Promise.resolve([{ standby: false, read_only: 'off', streaming: false } as T]),
  transaction: <T>(work: () => Promise<T>) => work(),
  identifier: (name: string) => name,
  literal: (text: string) => text,
};
