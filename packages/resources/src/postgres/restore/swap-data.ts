import type { Clients, FilesPort } from '../clients/ports.ts';
import { restoreContainerName } from '../kinds/directories.ts';
import { restorePaths } from './restore-place.ts';
import type { RestorePlace } from './restore-wish.ts';
import { removeDataDirectory, removeEmptyTablespaces } from './tablespaces.ts';

type Files = Pick<FilesPort, 'directory' | 'rename' | 'removeTree'>;

/**
 * Puts the copy in the place of the instance's data, which is kept beside it. No Postgres may run there. Each of the two
 * renames can be recognised, so that it can be repeated after a crash at any moment.
 */
export async function swapIn(files: Files, place: RestorePlace, copy: string): Promise<{ kept: boolean }> {
  const { live, before } = restorePaths(place);
  // What pgBackRest noted as archived may have the name of a segment that is still to come.
  await files.removeTree(live.replace(/pgdata$/, 'pgbackrest/spool'));
  const is = async (path: string): Promise<boolean> => (await files.directory(path)) !== undefined;
  if (await is(copy)) {
    if (await is(live)) await files.rename(live, before);
    await files.rename(copy, live);
  }
  return { kept: await is(before) };
}

/** The way back: what was kept becomes the data again, the copy is put where it came from. */
export async function swapBack(files: Files, place: RestorePlace, copy: string): Promise<void> {
  const { live, before } = restorePaths(place);
  if (!(await files.directory(before))) return;
  if (await files.directory(live)) await files.rename(live, copy);
  await files.rename(before, live);
}

/** Ends the work on a copy: its container, its directories. What runs, and what is kept, stays, with the tablespaces of either. */
export async function discardWork(clients: Clients, place: Pick<RestorePlace, 'instanceId' | 'key'>): Promise<void> {
  const { instanceId, key } = place;
  const { work, copy } = restorePaths(place);
  await clients.docker.removeContainer(restoreContainerName(instanceId));
  await removeDataDirectory(clients.files, { instanceId, directory: copy, key });
  await removeEmptyTablespaces(clients.files, instanceId, key);
  await clients.files.removeTree(work);
}
