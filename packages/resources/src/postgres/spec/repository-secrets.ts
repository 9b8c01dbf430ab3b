import { createHash, randomBytes } from 'node:crypto';
import type { BackupConfig, DatabaseSpec } from './database.ts';
import { isSecretOption, optionName } from './pgbackrest-options.ts';
import { repositoryIdentity } from './repository-identity.ts';
import type { Repository } from './rules-repository.ts';

/** Credentials of one repository by pgBackRest's option, and a word that changes when they do. */
export interface RepositorySecret {
  readonly version: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What a stored spec knows of the credentials of its repositories, by `repositoryKey`. */
export type RepositorySecretFacts = Readonly<
  Record<string, { readonly version: string; readonly names: readonly string[] }>
>;

export interface SealedRepositories {
  readonly spec: DatabaseSpec;
  readonly facts: RepositorySecretFacts;
  readonly secrets: ReadonlyMap<string, RepositorySecret>;
}

const FIELDS = {
  s3_key: 's3-key',
  s3_key_secret: 's3-key-secret',
  gcs_key: 'gcs-key',
  azure_key: 'azure-key',
} as const;
type Field = keyof typeof FIELDS;

/** Level `_` is the database's own configuration, `n1` that of the node. */
export const repositoryKey = (level: string, repository: Repository): string =>
  `${level}/${createHash('sha256').update(repositoryIdentity(repository)).digest('hex').slice(0, 16)}`;

/** Secrets of backups outlive their database as the backups do: an encrypted one is of no use without its passphrase. */
export const repositorySecretName = (databaseId: string, key: string): string => `backups/${databaseId}/${key}`;

/** Takes the credentials out of the repositories of a spec; those that have not changed keep their version. */
export function sealRepositories(
  spec: DatabaseSpec,
  known: ReadonlyMap<string, RepositorySecret> = new Map(),
): SealedRepositories {
  const secrets = new Map<string, RepositorySecret>();
  const seal = (level: string, config: BackupConfig): BackupConfig => ({
    ...config,
    repositories: config.repositories.map((repository) => {
      const key = repositoryKey(level, repository);
      const values = withCipher(repository, credentialsOf(repository), key, known);
      if (Object.keys(values).length > 0) secrets.set(key, versioned(values, known.get(key)));
      return withoutSecrets(repository);
    }),
  });
  const level = <L extends Pick<DatabaseSpec, 'backup_config'>>(name: string, one: L): L =>
    one.backup_config === undefined ? one : { ...one, backup_config: seal(name, one.backup_config) };
  const sealed = { ...level('_', spec), nodes: spec.nodes.map((node) => level(node.name, node)) };
  const facts = [...secrets].map(([key, { version, values }]) => [key, { version, names: Object.keys(values).sort() }]);
  return { spec: sealed, facts: Object.fromEntries(facts) as RepositorySecretFacts, secrets };
}

/** The spec as it was given: with the credentials of its repositories. */
export function unsealRepositories(spec: DatabaseSpec, known: ReadonlyMap<string, RepositorySecret>): DatabaseSpec {
  const open = <L extends Pick<DatabaseSpec, 'backup_config'>>(name: string, one: L): L => {
    if (one.backup_config === undefined) return one;
    const repositories = one.backup_config.repositories.map((repository) => ({
      ...repository,
      ...asFields(repository, known.get(repositoryKey(name, repository))?.values ?? {}),
    }));
    return { ...one, backup_config: { ...one.backup_config, repositories } };
  };
  return { ...open('_', spec), nodes: spec.nodes.map((node) => open(node.name, node)) };
}

/** The credentials that a repository holds, by pgBackRest's option. */
export function credentialsOf(repository: Repository): Record<string, string> {
  const fields = (Object.keys(FIELDS) as Field[]).flatMap((field) => {
    const value = repository[field];
    return value ? [[FIELDS[field], value] as const] : [];
  });
  const custom = Object.entries(repository.custom_options ?? {})
    .map(([key, value]) => [optionName(key), value] as const)
    .filter(([name]) => isSecretOption(name));
  return Object.fromEntries([...fields, ...custom]);
}

/**
 * An encrypted repository needs its passphrase for as long as it exists: the one there is, or a new one nobody has to know.
 * One that is known is never forgotten, whatever the spec says.
 */
function withCipher(
  repository: Repository,
  values: Record<string, string>,
  key: string,
  known: ReadonlyMap<string, RepositorySecret>,
): Record<string, string> {
  if (values['cipher-pass'] !== undefined) return values;
  const [, identity = ''] = key.split('/');
  const same = [known.get(key), ...[...known].filter(([k]) => k.endsWith(`/${identity}`)).map(([, one]) => one)];
  const found = same.find((one) => one?.values['cipher-pass'] !== undefined)?.values['cipher-pass'];
  if (found !== undefined) return { ...values, 'cipher-pass': found };
  return cipherType(repository) === 'none' ? values : { ...values, 'cipher-pass': randomBytes(48).toString('base64') };
}

/** How a repository is encrypted; pgBackRest cannot change that once the repository is made. */
export const cipherType = (repository: Repository): string =>
  Object.entries(repository.custom_options ?? {}).find(([key]) => optionName(key) === 'cipher-type')?.[1] ?? 'none';

export function versioned(values: Record<string, string>, before: RepositorySecret | undefined): RepositorySecret {
  const names = Object.keys(values);
  const same =
    before !== undefined &&
    names.length === Object.keys(before.values).length &&
    names.every((name) => before.values[name] === values[name]);
  return same ? before : { version: randomBytes(6).toString('hex'), values };
}

export function withoutSecrets<R extends Repository>(repository: R): R {
  const { custom_options: custom, ...rest } = repository;
  const kept = Object.entries(custom ?? {}).filter(([key]) => !isSecretOption(optionName(key)));
  const plain = Object.fromEntries(Object.entries(rest).filter(([field]) => !Object.hasOwn(FIELDS, field)));
  return { ...plain, ...(custom !== undefined && { custom_options: Object.fromEntries(kept) }) } as R;
}

/** Credentials back in the fields they came from; those without a field are custom options. */
function asFields(repository: Repository, values: Readonly<Record<string, string>>): Partial<Repository> {
  const fields = Object.entries(FIELDS).flatMap(([field, name]) =>
    values[name] ? [[field, values[name]] as const] : [],
  );
  const names = new Set<string>(Object.values(FIELDS));
  const custom = Object.entries(values).filter(([name]) => !names.has(name));
  const options = { ...repository.custom_options, ...Object.fromEntries(custom) };
  return {
    ...Object.fromEntries(fields),
    ...(Object.keys(options).length > 0 && { custom_options: options }),
  };
}
