import { LRUCache } from 'lru-cache';
import type { Agent } from 'undici';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';

const AGENTS_KEPT = 2000;

/** Connections over HTTPS, kept for each identity that is shown; one that was renewed is another one. */
export class Agents {
  readonly #open: (identity: ClientIdentity) => Agent;
  readonly #kept = new LRUCache<ClientIdentity, Agent>({
    max: AGENTS_KEPT,
    dispose: (agent) => void agent.close(),
  });
  /** The identity shown at an address last. */
  readonly #at = new LRUCache<string, ClientIdentity>({ max: AGENTS_KEPT });

  constructor(open: (identity: ClientIdentity) => Agent) {
    this.#open = open;
  }

  for(address: string, identity: ClientIdentity): Agent {
    const before = this.#at.get(address);
    if (before !== undefined && before !== identity) this.#kept.delete(before);
    this.#at.set(address, identity);
    const agent = this.#kept.get(identity) ?? this.#open(identity);
    this.#kept.set(identity, agent, { noDisposeOnSet: true });
    return agent;
  }

  async close(): Promise<void> {
    const all = [...this.#kept.values()];
    this.#kept.clear();
    await Promise.all(all.map((agent) => agent.close()));
  }
}
