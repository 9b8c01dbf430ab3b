import type { Clients } from '../clients/ports.ts';
import { othersSlots, slotName } from '../inside/others-slots.ts';
import { serviceOf } from '../inside/with-primary.ts';

const WITHIN_MS = 2000;

/** Slots that people made at an instance, in sentences: they go with its data. Of one that does not answer nothing is known. */
export async function lostSlots(
  { docker, postgres }: Pick<Clients, 'docker' | 'postgres'>,
  { instanceId, scope }: { readonly instanceId: string; readonly scope: string },
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const container = await docker.serviceContainer(serviceOf(instanceId));
    if (container?.state !== 'running') return [];
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]);
    const target = { address: container.address, database: 'postgres', as: 'look', signal: limit } as const;
    const slots = await postgres.session(target, (session) => othersSlots(session, scope));
    return slots.map((slot) => `${slotName(slot)} goes with the former data of '${instanceId}': no backup has slots`);
  } catch (err) {
    if (signal.aborted) throw err;
    return [];
  }
}
