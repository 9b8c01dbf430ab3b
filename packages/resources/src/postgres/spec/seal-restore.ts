import type { RestoreConfig } from './database.ts';
import { repositoryOptions } from './repository-options.ts';
import {
  credentialsOf,
  repositoryKey,
  versioned,
  withoutSecrets,
  type RepositorySecret,
} from './repository-secrets.ts';
import { parseRestoreOptions, type RestoreTarget } from './restore-target.ts';
import { timelineAt, type TimelineChange } from './timeline-at.ts';

/** A restore as it is stored: its repository without credentials, and where they are. */
export interface SealedOrigin {
  readonly repository: {
    readonly options: Record<string, string>;
    readonly secret?: { readonly name: string; readonly version: string; readonly names: string[] };
  };
  readonly source: { readonly databaseId: string; readonly nodeName: string; readonly databaseName: string };
  readonly target: RestoreTarget;
  readonly set?: string;
  readonly passed: Record<string, string>;
}

/** What is known of the database that made the backup. */
export interface RestoreSource {
  /** The stored credentials of its repositories, by `repositoryKey`. */
  readonly credentials: ReadonlyMap<string, RepositorySecret>;
  /** When the data of the node was changed by restores. */
  readonly changes: readonly TimelineChange[];
}

export interface OriginPlace {
  /** Under which name the credentials are to be kept. */
  readonly secretName: string;
  /** Where the instance's extra volumes are in its container. */
  readonly volumes: readonly string[];
  /** The same restore as it was stored before: what was chosen and kept for it stays. */
  readonly before?: { readonly origin: SealedOrigin; readonly secret?: RepositorySecret | undefined } | undefined;
}

/**
 * Takes the credentials out of a restore that passed its rules. Those that were not given are the ones the source's own
 * repository has, if it is the same: above all the passphrase of an encrypted one, which nobody needs to know. A time is
 * looked for on the timeline the source was on then.
 */
export function sealRestore(
  config: RestoreConfig,
  source: RestoreSource,
  { secretName, volumes, before }: OriginPlace,
): { readonly origin: SealedOrigin; readonly secret?: RepositorySecret } {
  const { repository, source_database_id: databaseId, source_node_name: nodeName } = config;
  const parsed = parseRestoreOptions(config.restore_options);
  if ('issues' in parsed) throw new Error('the options of a restore were not checked');
  const { target, set, passed } = parsed.choice;
  const kept = before?.secret?.values ?? knownFor(repository, source.credentials);
  const values = { ...kept, ...credentialsOf(repository) };
  const names = Object.keys(values).sort();
  const secret = names.length > 0 ? versioned(values, before?.secret) : undefined;
  const timeline = before ? before.origin.target.timeline : timelineAt(target, source.changes);
  const origin: SealedOrigin = {
    repository: {
      options: { ...repositoryOptions(withoutSecrets(repository), { databaseId, nodeName, secrets: names, volumes }) },
      ...(secret && { secret: { name: secretName, version: secret.version, names } }),
    },
    source: { databaseId, nodeName, databaseName: config.source_database_name },
    target: { ...target, ...(timeline !== undefined && { timeline }) },
    ...(set !== undefined && { set }),
    passed: { ...passed },
  };
  return { origin, ...(secret && { secret }) };
}

function knownFor(
  repository: RestoreConfig['repository'],
  known: ReadonlyMap<string, RepositorySecret>,
): Record<string, string> {
  const [, identity = ''] = repositoryKey('', repository).split('/');
  const same = [...known].filter(([key]) => key.endsWith(`/${identity}`)).map(([, secret]) => secret.values);
  return Object.assign({}, ...same) as Record<string, string>;
}
