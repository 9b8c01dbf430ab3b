import type { Clients } from '../clients/ports.ts';
import { domainErrorOf } from '../../errors/index.ts';

/** How often the archiver may be faster than we are before somebody else decides about another attempt. */
const ATTEMPTS = 20;

/** Waits until nobody has the lock. The file is opened as it is: one that is gone is not made. */
const UNTIL_FREE = 'exec 9<"$0" && flock --shared --timeout 60 9';

/**
 * What `work` gives; it runs a command of pgBackRest that needs the archiver's lock. While Postgres archives, pgBackRest has
 * that lock in the background and refuses the command at once, without waiting: it is waited for here. A lock that a backup
 * has may be held for hours: that error (`backup_in_progress`) is thrown.
 */
export async function afterArchiver<T>(
  { docker }: Pick<Clients, 'docker'>,
  serviceName: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (err) {
      const lock = archiverLock(err);
      const container = lock === undefined ? undefined : await docker.serviceContainer(serviceName);
      if (lock === undefined || container?.state !== 'running' || attempt === ATTEMPTS) throw err;
      await docker.exec(container.id, { command: ['sh', '-c', UNTIL_FREE, lock], signal });
    }
  }
}

/** The file of the lock, when it was the archiver's that was taken. */
function archiverLock(err: unknown): string | undefined {
  const domain = domainErrorOf(err);
  if (domain?.code !== 'backup_in_progress') return undefined;
  return /lock on file '([^']*-archive[^']*)'/.exec(domain.message)?.[1];
}
