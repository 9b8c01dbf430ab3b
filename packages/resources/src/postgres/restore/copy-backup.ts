import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { prepareWork } from './prepare-work.ts';
import { lastFault, restoreFailed, restorePaths, runScript } from './restore-place.ts';
import type { ChosenBackup, RestoreOrigin, RestorePlace } from './restore-wish.ts';

export interface CopyRun extends Run {
  onBytes(progress: { readonly bytesDone: number; readonly bytesTotal: number }): void;
}

/** Copies the backup beside the data of the instance, which runs on. Begun before, it goes on where that ended. */
export async function copyBackup(
  clients: Clients,
  place: RestorePlace,
  { origin, backup }: { readonly origin: RestoreOrigin; readonly backup: ChosenBackup },
  { signal, onBytes }: CopyRun,
): Promise<void> {
  const { copy } = restorePaths(place);
  await prepareWork(clients, place, { data: copy, origin, former: backup.former });
  await clients.files.write(begunFile(place), '');
  const options = Object.entries(origin.passed).map(([name, value]) => `--${name}=${value}`);
  const onOutput = (text: string): void => {
    const part = percentOf(text);
    if (part === undefined) return;
    onBytes({ bytesDone: Math.round((backup.bytes * part) / 100), bytesTotal: backup.bytes });
  };
  const args = [backup.label, ...options];
  const result = await runScript(clients, place, 'copy', args, { signal, onOutput, apart: true });
  if (result.exitCode !== 0) throw restoreFailed(`backup '${backup.label}' cannot be restored: ${lastFault(result)}`);
}

/** It is there when a part of the copy may be. */
export const begunFile = (place: RestorePlace): string => `${restorePaths(place).work}/begun`;

/** pgBackRest says with every file how much of the whole is done: `restore file … (16MB, 12.34%) checksum …`. */
export function percentOf(text: string): number | undefined {
  const found = [...text.matchAll(/restore (?:zeroed )?file .*?, (\d{1,3}(?:\.\d+)?)%\)/g)].at(-1);
  return found && Number(found[1]);
}
