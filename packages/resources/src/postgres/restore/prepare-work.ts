import type { Clients } from '../clients/ports.ts';
import { backupsPath, instancePath } from '../kinds/directories.ts';
import { openRepository } from '../kinds/pgbackrest-config.ts';
import { CONFIG_FILE, renderPgBackRest } from '../inside/pgbackrest-file.ts';
import { LIVE_MOUNT, restorePaths } from './restore-place.ts';
import type { RestoreOrigin, RestorePlace } from './restore-wish.ts';
import { BASE_BACKUP, GIVE_UP, JOIN } from './copy-scripts.ts';
import { COPY, GET_WAL, LINKS, LOOK, RECOVER, TIMELINE } from './scripts.ts';

const MODE = 0o700;

export interface Work {
  /** The directory that is worked on. */
  readonly data: string;
  readonly origin?: RestoreOrigin | undefined;
  /** The backup is of a former database of the id: its timelines are not ours. */
  readonly former?: boolean | undefined;
  /** It is copied from a node that runs, with all the WAL it needs. */
  readonly ofNode?: boolean | undefined;
}

/** Processes that copy files and fetch WAL. */
const PROCESSES = 4;

/**
 * Writes what the container needs into the work directory, which holds the credentials of the repository while the restore
 * lasts. Without an origin the instance's own repositories are used, if there are any.
 */
export async function prepareWork(
  clients: Clients,
  place: RestorePlace,
  { data, origin, former, ofNode = false }: Work,
): Promise<void> {
  const { files } = clients;
  const { work, tablespaces, live, before, inside } = restorePaths(place);
  await files.ensureDirectory(backupsPath(place.backupsOf), MODE);
  await files.ensureDirectory(work, MODE);
  const config = origin ? await writeConfig(clients, place, origin) : ofNode ? '' : await ownConfig(clients, place);
  const near = origin
    ? [...(isOwn(place, origin) && !former ? [LIVE_MOUNT] : [])]
    : (ofNode ? [] : [live, before]).map((directory) => inside(directory));
  const settings = {
    DATA: inside(data),
    CONFIG: config,
    NEAR: near.map((directory) => `${directory}/pg_wal`).join(' '),
    // Those of data that goes on are where they always were.
    TABLESPACES: origin || ofNode ? inside(tablespaces) : '',
  };
  const content: Record<string, string> = {
    settings: Object.entries(settings)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
    'pg_hba.conf': 'local all all trust\n',
    'pg_ident.conf': '',
    look: LOOK,
    copy: COPY,
    'get-wal': GET_WAL,
    recover: RECOVER,
    timeline: TIMELINE,
    links: LINKS,
    ...(ofNode && { join: JOIN, 'base-backup': BASE_BACKUP, 'give-up': GIVE_UP }),
  };
  for (const [name, text] of Object.entries(content)) await files.write(`${work}/${name}`, text);
  await files.ensureDirectory(`${work}/lock`, MODE);
  await files.ensureDirectory(`${work}/spool`, MODE);
}

/** The backup was made by this very node: its timelines are ours. */
export const isOwn = ({ databaseId, nodeName }: RestorePlace, { source }: RestoreOrigin): boolean =>
  source.databaseId === databaseId && source.nodeName === nodeName;

async function writeConfig(clients: Clients, place: RestorePlace, { repository }: RestoreOrigin): Promise<string> {
  const { work, workInside } = restorePaths(place);
  const { rendered, key } = await openRepository(repository, clients, `${workInside}/gcs.json`);
  if (key !== undefined) await clients.files.write(`${work}/gcs.json`, key);
  const file = renderPgBackRest({ repositories: [rendered], processes: PROCESSES, blockIncremental: false });
  await clients.files.write(`${work}/pgbackrest.conf`, file);
  return `${workInside}/pgbackrest.conf`;
}

async function ownConfig({ files }: Clients, { instanceId }: RestorePlace): Promise<string> {
  const found = await files.read(`${instancePath(instanceId)}/config/pgbackrest.conf`);
  return found === undefined ? '' : CONFIG_FILE;
}
