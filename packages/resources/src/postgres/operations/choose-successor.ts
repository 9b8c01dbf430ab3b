import type { ClusterMember } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';

/** A replica that is further behind would keep writers waiting while it catches up. */
const MAX_LAG_BYTES = 16 * 2 ** 20;

/** Of those that could take over in an orderly way: the member asked for, else the first that is not far behind. */
export function chooseSuccessor(able: readonly ClusterMember[], leader: string, candidate?: string): ClusterMember {
  if (candidate !== undefined) return checked(able, candidate);
  const best = able.find((m) => m.lagBytes <= MAX_LAG_BYTES);
  if (best) return best;
  throw new DomainError('operation_refused', `no replica of '${leader}' streams and is at most 16 MiB behind`);
}

function checked(able: readonly ClusterMember[], candidate: string): ClusterMember {
  const found = able.find((m) => m.name === candidate);
  if (!found) throw new DomainError('operation_refused', `'${candidate}' does not stream from the primary`);
  if (found.lagBytes <= MAX_LAG_BYTES) return found;
  throw new DomainError(
    'operation_refused',
    `'${candidate}' is ${String(found.lagBytes)} bytes behind; at most 16 MiB`,
  );
}
