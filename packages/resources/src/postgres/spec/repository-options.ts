import { optionName } from './pgbackrest-options.ts';
import type { Repository } from './rules-repository.ts';

/** pgBackRest's options of one repository, without the `repoN-` prefix; sorted, without credentials. */
export type RepositoryOptions = Readonly<Record<string, string>>;

/** Whose backups are in the repository, and which credentials there are. */
export interface RepositoryPlace {
  readonly databaseId: string;
  readonly nodeName: string;
  /** Names of the sealed options, such as `s3-key`. */
  readonly secrets: readonly string[];
  /** Where the extra volumes are in the container. */
  readonly volumes: readonly string[];
}

/** Where the database's own directory for backups on the host is in its containers. */
export const BACKUPS_MOUNT = '/windlass/backups';

/**
 * Where pgBackRest keeps the backups of a node: `<base_path>/databases/<database>/<repository>/<node>`. On a disk that is
 * in an extra volume, or else in the database's own directory for backups.
 */
export function repositoryPath(repository: Repository, place: Omit<RepositoryPlace, 'secrets'>): string {
  const base = repository.base_path ?? '';
  const own = isOnDisk(repository) && !place.volumes.some((volume) => isWithin(base, volume));
  const parts = [own ? BACKUPS_MOUNT : '', base, 'databases', place.databaseId, repository.id ?? '', place.nodeName];
  const names = parts.flatMap((part) => part.split('/')).filter((part) => part !== '');
  return `/${names.join('/')}`;
}

export const isOnDisk = ({ type }: Pick<Repository, 'type'>): boolean => type === 'posix' || type === 'cifs';

const isWithin = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);

type Storage = (repository: Repository, secrets: ReadonlySet<string>) => Readonly<Record<string, string | undefined>>;

const STORAGE: Readonly<Record<Repository['type'], Storage>> = {
  posix: () => ({}),
  cifs: () => ({}),
  s3: (r, secrets) => ({
    's3-bucket': r.s3_bucket,
    's3-endpoint':
      r.s3_endpoint ??
      (r.s3_region === undefined ? undefined : `s3.${r.s3_region}.amazonaws.com`) ??
      's3.amazonaws.com',
    's3-region': r.s3_region ?? 'us-east-1',
    's3-key-type': secrets.has('s3-key') ? 'shared' : 'auto',
  }),
  gcs: (r, secrets) => ({
    'gcs-bucket': r.gcs_bucket,
    'gcs-endpoint': r.gcs_endpoint ?? 'storage.googleapis.com',
    'gcs-key-type': secrets.has('gcs-key') ? 'service' : 'auto',
  }),
  azure: (r, secrets) => ({
    'azure-account': r.azure_account,
    'azure-container': r.azure_container,
    'azure-endpoint': r.azure_endpoint ?? 'blob.core.windows.net',
    'azure-uri-style': 'host',
    'azure-key-type': secrets.has('azure-key') ? 'shared' : 'auto',
  }),
};

/** Retention when the repository does not say: the full backups of a week. */
const RETENTION = { amount: 7, type: 'time' } as const;

/** A repository of the spec as pgBackRest wants it. `custom_options` come last and win. */
export function repositoryOptions(repository: Repository, place: RepositoryPlace): RepositoryOptions {
  const { retention_full: amount, retention_full_type: type } = repository as Partial<Record<string, number | string>>;
  const options: Record<string, string | undefined> = {
    path: repositoryPath(repository, place),
    type: repository.type,
    bundle: 'y',
    'retention-full': String(amount ?? RETENTION.amount),
    'retention-full-type': String(type ?? RETENTION.type),
    ...STORAGE[repository.type](repository, new Set(place.secrets)),
    ...Object.fromEntries(Object.entries(repository.custom_options ?? {}).map(([key, v]) => [optionName(key), v])),
  };
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}
