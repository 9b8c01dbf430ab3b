/** Whose data key it is: an entity's, or what is left of one when it is deleted, as `backups/shop`. */
export interface KeyOwner {
  readonly kind: string;
  readonly id: string;
}

/** Of what belongs to no entity. */
export const OF_CLUSTER: KeyOwner = { kind: 'cluster', id: 'cluster' };
/** Names that begin so are no entity's: how the swarm is entered, digests of requests. */
const NO_ENTITIES = ['swarm', 'idempotency'];

/** By the name of a secret: `database/shop/user/app` is of `database/shop`. */
export function ownerOf(name: string): KeyOwner {
  const [kind = '', id = '', ...more] = name.split('/');
  return more.length === 0 || NO_ENTITIES.includes(kind) ? OF_CLUSTER : { kind, id };
}

export const ownerText = ({ kind, id }: KeyOwner): string =>
  kind === OF_CLUSTER.kind ? 'the cluster' : `${kind}/${id}`;
