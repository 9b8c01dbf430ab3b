import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import { defineResource } from './define.ts';

export const etcdPasswordSecret = (databaseId: string, instanceId: string): string =>
  `database/${databaseId}/etcd/${instanceId}`;

/** An etcd user that may read and write the keys of its own Patroni cluster and nothing else. */
export const etcdAccess = defineResource({
  kind: 'etcd.access',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), scope: z.string() }),
  status: z.strictObject({ username: z.string() }),
  immutable: ['instanceId'],
  id: (spec) => spec.instanceId,
  executor: () => ({ on: 'any' }),

  async refresh(prior, { clients }) {
    const username = `instance-${prior.spec.instanceId}`;
    const found = await clients.dcs.user(username);
    return found && { status: { username }, drift: found.roles.includes(username) ? [] : ['roles'] };
  },
  create: (spec, context) => ensure(spec, context.owner.entity.id, context.clients),
  update: (spec, _prior, context) => ensure(spec, context.owner.entity.id, context.clients),
  async delete(prior, { clients, owner }) {
    await clients.dcs.removeUser(`instance-${prior.spec.instanceId}`);
    await clients.secrets.remove(etcdPasswordSecret(owner.entity.id, prior.spec.instanceId));
  },
});

type Needs = Pick<Clients, 'dcs' | 'secrets'>;

async function ensure(spec: { instanceId: string; scope: string }, databaseId: string, { dcs, secrets }: Needs) {
  const username = `instance-${spec.instanceId}`;
  const password = await secrets.getOrCreate(etcdPasswordSecret(databaseId, spec.instanceId), () =>
    randomBytes(24).toString('base64url'),
  );
  await dcs.ensureUser(username, password, `/patroni/${spec.scope}/`);
  return { username };
}
