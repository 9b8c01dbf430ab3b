import type Docker from 'dockerode';
import { DomainError } from '../../errors/index.ts';
import { reachDocker } from './docker-calls.ts';

/** A service's port is still held by the container it replaces for some seconds; what holds longer will not change by waiting. */
const PLACED_WITHIN_MS = 10_000;

export interface SwarmTask {
  readonly Status: { readonly State: string; readonly Err?: string; readonly Timestamp: string };
  readonly DesiredState: string;
}

export const swarmTasks = (docker: Docker, service: string): Promise<SwarmTask[]> =>
  reachDocker(docker.listTasks({ filters: { service: [service] } }) as Promise<unknown>) as Promise<SwarmTask[]>;

/** Tells when Swarm cannot run a service, instead of waiting for what will not come. */
export class Placement {
  readonly #service: string;
  readonly #now: () => number;
  #homelessSince: number | undefined;

  constructor(service: string, now: () => number = Date.now) {
    this.#service = service;
    this.#now = now;
  }

  /** Throws `service_rejected` for a bad mount or image, and when no node has had room for the newest task for a while. */
  check(tasks: readonly SwarmTask[]): void {
    const [newest] = [...tasks].sort((a, b) => (a.Status.Timestamp < b.Status.Timestamp ? 1 : -1));
    const rejected = tasks.filter((t) => t.Status.State === 'rejected');
    if (newest?.Status.State === 'rejected' || rejected.length >= 2)
      this.#reject('rejected', (rejected[0] ?? newest)?.Status.Err);
    const homeless = tasks.find((t) => t.DesiredState === 'running' && /no suitable node/.test(t.Status.Err ?? ''));
    this.#homelessSince = homeless && (this.#homelessSince ?? this.#now());
    if (this.#homelessSince !== undefined && this.#now() - this.#homelessSince >= PLACED_WITHIN_MS)
      this.#reject('cannot place', homeless?.Status.Err);
  }

  #reject(verb: string, reason = 'no reason given'): never {
    throw new DomainError('service_rejected', `Docker ${verb} service '${this.#service}': ${reason}`);
  }
}
