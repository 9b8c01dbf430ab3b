import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { leftBehind } from '../inside/left-behind.ts';
import { checkpoint, successors } from '../inside/hand-over.ts';
import { withPeerSlots } from '../inside/peer-slots.ts';
import { chooseSuccessor } from './choose-successor.ts';
import { memberAddress } from './member-address.ts';

export interface Successor {
  readonly candidate: string;
  readonly lagBytes: number;
  /** How long the primary took to write everything to its data files. */
  readonly checkpointMs: number;
  /** What the change leaves behind at the primary, in sentences. */
  readonly behind: readonly string[];
}

export interface SwitchoverWish {
  readonly scope: string;
  readonly leader: string;
  /** The member asked for; Patroni refuses one that lacks commits. */
  readonly candidate?: string | undefined;
}

/**
 * Chooses who takes over and has the primary checkpoint while it still takes writes: its orderly stop, during which
 * writers wait, then has next to nothing left to write. Runs on the host of the primary.
 */
export async function prepareSwitchover(
  clients: Clients,
  { scope, leader, candidate }: SwitchoverWish,
  { signal, progress }: Run,
): Promise<Successor> {
  const address = await memberAddress(clients, leader);
  const able = await successors(clients, { scope, leader, address, candidate }, signal);
  chooseSuccessor(able, leader, candidate); // nothing is waited for where nobody will do
  const prepared = await withPeerSlots(clients, { leader, address }, able, { signal, progress });
  const successor = chooseSuccessor(prepared, leader, candidate);
  const behind = await leftBehind(clients, { scope, instanceId: leader, address }, signal);
  progress(`'${leader}' checkpoints`);
  const begun = performance.now();
  await checkpoint(clients, address, signal);
  const { name, lagBytes } = successor;
  return { candidate: name, lagBytes, checkpointMs: Math.round(performance.now() - begun), behind };
}
