import type { Clients } from '../clients/ports.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { dataPath, instancePath } from '../kinds/directories.ts';
import { seedFile } from '../kinds/patroni-config.ts';
import { makeStanza } from '../kinds/pgbackrest-stanza.ts';
import { prepareWork } from './prepare-work.ts';
import { restorePaths, runScript } from './restore-place.ts';
import type { RestorePlace } from './restore-wish.ts';
import { removeDataDirectory, type TablespaceFiles } from './tablespaces.ts';

/** Removes the data of a stopped instance with its tablespaces, and what would make it begin with the image's. */
export async function dropData(files: TablespaceFiles, instanceId: string): Promise<void> {
  const spool = `${instancePath(instanceId)}/data/pgbackrest/spool`;
  for (const path of [seedFile(instanceId), spool]) await files.removeTree(path);
  await removeDataDirectory(files, { instanceId, directory: dataPath(instanceId) });
}

/** What is kept of the former data: whether it is there, and the timeline it was on, which damaged data does not tell. */
export async function readKept(
  clients: Clients,
  place: RestorePlace,
  signal: AbortSignal,
): Promise<{ readonly kept: boolean; readonly timeline?: number }> {
  const { before } = restorePaths(place);
  if (!(await clients.files.directory(before))) return { kept: false };
  await prepareWork(clients, place, { data: before });
  const result = await runScript(clients, place, 'timeline', [], { signal });
  const timeline = Number.parseInt(result.stdout, 10);
  return { kept: true, ...(Number.isInteger(timeline) && { timeline }) };
}

/**
 * Makes sure that backups go on: the data may be of another cluster than the stanza. Without backups there is nothing to do.
 * Gives the reason when they cannot now, because one of the repositories is away: the data is restored all the same.
 */
export async function ensureStanza(
  clients: Clients,
  { instanceId, scope }: { readonly instanceId: string; readonly scope: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  if ((await clients.files.read(`${instancePath(instanceId)}/config/pgbackrest.conf`)) === undefined) return undefined;
  try {
    await makeStanza(clients, scope, signal);
  } catch (err) {
    const found = domainErrorOf(err);
    if (signal.aborted || found?.code !== 'backup_failed') throw err;
    return found.message;
  }
}
