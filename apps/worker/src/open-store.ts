import type { Logger } from 'pino';
import type { PresentForm } from '@windlass/resources/engine';
import { migrateResources } from '@windlass/resources/entity';
import { awaitStore, type Kv } from '@windlass/resources/store';

/**
 * Resolves when this worker may use the store: a server has brought it to the version of this program, and every resource is stored in
 * the form that its kind has here. `check` rejects before anything is written when this worker may not. Rejects with `store_newer` when this program would lose something.
 */
export async function openStore(
  kv: Kv,
  hostId: string,
  present: PresentForm,
  log: Pick<Logger, 'info' | 'warn'>,
  check: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  // prettier-ignore
  await awaitStore(kv, { tell: (sentence) => log.warn(sentence) });
  await check();
  const changed = await migrateResources(kv, hostId, present);
  if (changed > 0) log.info({ changed }, 'brought resources into the form that this program stores');
}
