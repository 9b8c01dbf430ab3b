import type { Clients } from '../clients/ports.ts';
import type { Run } from '../engine/apply.ts';
import { chooseSuccessor } from './choose-successor.ts';
import { memberAddress } from './member-address.ts';

export interface Successor {
  readonly candidate: string;
  readonly lagBytes: number;
  /** How long the primary took to write everything to its data files. */
  readonly checkpointMs: number;
}

/**
 * Chooses who takes over and has the primary checkpoint while it still takes writes: its orderly stop, during which
 * writers wait, then has next to nothing left to write. Runs on the host of the primary.
 */
export async function prepareSwitchover(
  clients: Clients,
  { leader, candidate }: { readonly leader: string; readonly candidate?: string | undefined },
  { signal, progress }: Run,
): Promise<Successor> {
  const address = await memberAddress(clients, leader);
  const successor = chooseSuccessor(await clients.patroni.cluster(address), leader, candidate);
  progress(`'${leader}' checkpoints`);
  const begun = performance.now();
  await checkpoint(clients, address, signal);
  const { name, lagBytes } = successor;
  return { candidate: name, lagBytes, checkpointMs: Math.round(performance.now() - begun) };
}

export async function checkpoint(
  clients: Pick<Clients, 'postgres'>,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  await clients.postgres.session({ address, database: 'postgres', signal }, (session) => session.query('CHECKPOINT'));
}
