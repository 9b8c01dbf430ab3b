import path from 'node:path';
import type { FilesPort } from '../clients/ports.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { DATA_MOUNT, instancePath, tablespacesPath } from '../kinds/directories.ts';

export type TablespaceFiles = Pick<FilesPort, 'directory' | 'entries' | 'removeEmpty' | 'removeTree'>;

/** A data directory of an instance: what it runs with, what it ran with before, a copy that is made. */
const DATA_DIRECTORY = /^pgdata(?:\..+)?$/;
/** What is beside them is ours, and no place for a tablespace. */
const OURS = /^(?:pgdata(?:\..*)?|restore-.*|pgbackrest|hold|held)$/;
/** What Postgres makes in the place of a tablespace: it is named after the version. */
const VERSION_DIRECTORY = /^PG_\d+_\d+$/;

/**
 * Where on the host a path of the container is, when it is a place in the instance's own directory in which a tablespace can be
 * kept apart from every data directory; undefined when it is not.
 */
export function placeOfTablespace(instanceId: string, inside: string): string | undefined {
  const relative = path.posix.relative(DATA_MOUNT, path.posix.normalize(inside));
  const [first = ''] = relative.split('/');
  if (first === '' || first === '..' || path.posix.isAbsolute(relative) || OURS.test(first)) return undefined;
  return `${instancePath(instanceId)}/data/${relative}`;
}

/** The places of the tablespaces of a data directory, as far as they are in the instance's own directory. */
async function placesOf(files: TablespaceFiles, instanceId: string, directory: string): Promise<string[]> {
  const links = await files.entries(`${directory}/pg_tblspc`);
  return links.flatMap(({ link }) => placeOfTablespace(instanceId, link ?? '/') ?? []);
}

/**
 * Removes a data directory with its tablespaces, and with those that were made for it under `key`. What another data directory
 * of the instance uses stays. Safe to repeat at any moment: the links that lead to the tablespaces go last.
 */
export async function removeDataDirectory(
  files: TablespaceFiles,
  { instanceId, directory, key }: { readonly instanceId: string; readonly directory: string; readonly key?: string },
): Promise<void> {
  if (await files.directory(directory)) {
    const made = key === undefined ? [] : [tablespacesPath(instanceId, key)];
    const own = (await placesOf(files, instanceId, directory)).map((place) => wholeOf(instanceId, place));
    const used = await usedByOthers(files, instanceId, directory);
    for (const place of new Set([...own, ...made]))
      if (!used.some((one) => overlaps(one, place))) await removePlace(files, instanceId, place);
  }
  await files.removeTree(directory);
}

async function usedByOthers(files: TablespaceFiles, instanceId: string, directory: string): Promise<string[]> {
  const data = `${instancePath(instanceId)}/data`;
  const names = (await files.entries(data)).map(({ name }) => name).filter((name) => DATA_DIRECTORY.test(name));
  const others = names.map((name) => `${data}/${name}`).filter((one) => one !== directory);
  return (await Promise.all(others.map((one) => placesOf(files, instanceId, one)))).flat();
}

const overlaps = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

/** The directory of one restore goes as a whole; what somebody else made goes without what is not Postgres'. */
async function removePlace(files: TablespaceFiles, instanceId: string, place: string): Promise<void> {
  if (isMade(instanceId, place)) return files.removeTree(place);
  try {
    for (const { name } of await files.entries(place))
      if (VERSION_DIRECTORY.test(name)) await files.removeTree(`${place}/${name}`);
  } catch (err) {
    if (domainErrorOf(err)?.code === 'resource_not_owned') return; // behind a link: it is not in the instance's directory
    throw err;
  }
  await files.removeEmpty(place);
}

const isMade = (instanceId: string, place: string): boolean => place.startsWith(tablespacesPath(instanceId, ''));

/** All that one restore made, when the place is in it. */
function wholeOf(instanceId: string, place: string): string {
  if (!isMade(instanceId, place)) return place;
  const data = `${instancePath(instanceId)}/data/`;
  return `${data}${place.slice(data.length).split('/')[0] ?? ''}`;
}

/** What is left of the directory of a restore whose tablespaces are in use, or that has none: only what is empty goes. */
export async function removeEmptyTablespaces(files: TablespaceFiles, instanceId: string, key: string): Promise<void> {
  const whole = tablespacesPath(instanceId, key);
  for (const { name } of await files.entries(`${whole}/made`)) await files.removeEmpty(`${whole}/made/${name}`);
  await files.removeEmpty(`${whole}/made`);
  await files.removeEmpty(whole);
}
