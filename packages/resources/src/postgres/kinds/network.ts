import { z } from 'zod';
import type { NetworkFacts } from '../clients/ports.ts';
import { assertOwned, defineResource, madeOnce, ownerLabels } from './define.ts';

/** An overlay network that isolates one database; its subnet comes from the swarm's pool. Cannot be edited in place. */
export const network = defineResource({
  kind: 'swarm.network',
  version: 1,
  spec: z.strictObject({ name: z.string() }),
  status: z.strictObject({ networkId: z.string() }),
  immutable: ['name'],
  id: (spec) => spec.name,
  executor: () => ({ on: 'manager' }),

  async refresh(prior, { clients }) {
    const found = await clients.docker.network(prior.spec.name);
    return found && { status: { networkId: found.id }, drift: [] };
  },
  async create(spec, { clients, owner, signal }) {
    const { docker } = clients;
    const existing = async () => {
      const found = await docker.network(spec.name);
      if (found) assertOwned(found.labels, owner, `network '${spec.name}'`);
      return found;
    };
    const make = (): Promise<NetworkFacts> => docker.createNetwork(spec.name, ownerLabels(owner), signal);
    const { id } = (await existing()) ?? (await madeOnce(make, existing));
    await docker.awaitSubnet(id, signal);
    return { networkId: id };
  },
  async delete(prior, { clients, owner, signal }) {
    const found = await clients.docker.network(prior.spec.name);
    if (!found) return;
    assertOwned(found.labels, owner, `network '${prior.spec.name}'`);
    await clients.docker.removeNetwork(found.id, signal);
  },
});
