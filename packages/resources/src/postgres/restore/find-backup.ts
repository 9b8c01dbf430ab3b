import type { Clients, ExecResult } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { chooseBackup } from './choose-backup.ts';
import { begunFile } from './copy-backup.ts';
import { prepareWork } from './prepare-work.ts';
import { readRepository } from './read-repository.ts';
import { refuseInseparable } from './refuse-inseparable.ts';
import { lastFault, restoreFailed, restorePaths, runScript } from './restore-place.ts';
import type { ChosenBackup, RestoreOrigin, RestorePlace } from './restore-wish.ts';

/** What stays free beside the copy: WAL that is fetched, and the database's own. */
const MARGIN_BYTES = 256 * 2 ** 20;

/**
 * The look before anything changes: the repository answers, it has a backup that leads to the target, the copy can run in this
 * version of Postgres, and there is room for it.
 */
export async function findBackup(
  clients: Clients,
  place: RestorePlace,
  origin: RestoreOrigin,
  signal: AbortSignal,
): Promise<ChosenBackup> {
  const paths = restorePaths(place);
  await prepareWork(clients, place, { data: paths.copy, origin });
  const { timeline } = origin.target;
  const wanted = timeline === undefined ? [] : [timeline.toString(16).toUpperCase().padStart(8, '0')];
  const look = (args: readonly string[]): Promise<ExecResult> =>
    runScript(clients, place, 'look', args, { signal, apart: true });
  const result = await look(wanted);
  const { databaseId, nodeName } = origin.source;
  const where = `the repository of node '${nodeName}' of database '${databaseId}'`;
  const unreadable = (reason: string): Error => restoreFailed(`${where} cannot be read: ${reason}`);
  if (result.exitCode !== 0) throw unreadable(lastFault(result));
  let repository = readRepository(result.stdout);
  if (repository.problem !== undefined) throw unreadable(repository.problem);
  const archive = repository.backups.find((b) => b.label === origin.set)?.formerArchive;
  if (archive !== undefined) repository = readRepository((await look([wanted[0] ?? '', archive])).stdout);
  const chosen = chooseBackup(repository, origin, where);
  const { postgresMajor: major } = place.container;
  const its = archive === undefined ? repository.postgresMajor : Number.parseInt(archive, 10);
  if (its !== major)
    throw new DomainError('invalid_input', `the backup is of Postgres ${String(its)}, the node has ${String(major)}`);
  await refuseInseparable(clients, place, { signal, apart: true });
  await refuseTooLarge(clients, place, chosen);
  return chosen;
}

async function refuseTooLarge({ files, host }: Clients, place: RestorePlace, { bytes }: ChosenBackup): Promise<void> {
  const { work } = restorePaths(place);
  if ((await files.read(begunFile(place))) !== undefined) return; // a part of it is there
  const free = await files.freeBytes(work);
  const needed = bytes + MARGIN_BYTES;
  if (free >= needed) return;
  const lack = `${String(needed)} bytes are needed beside the present data, ${String(free)} are free`;
  throw new DomainError('no_space', `host '${host.hostId}': ${lack}`);
}
