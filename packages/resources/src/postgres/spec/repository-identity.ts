import type { Repository } from './rules-repository.ts';

const IDENTITY = {
  azure: ['azure_account', 'azure_container', 'azure_endpoint', 'base_path'],
  s3: ['s3_bucket', 's3_endpoint', 's3_region', 'base_path'],
  gcs: ['gcs_bucket', 'gcs_endpoint', 'base_path'],
  posix: ['base_path'],
  cifs: ['base_path'],
} as const satisfies Record<Repository['type'], readonly (keyof Repository)[]>;

/** Two repositories with the same identity are one: secrets that are left out are taken from the other. */
export function repositoryIdentity(repository: Repository): string {
  return [repository.type, repository.id, ...IDENTITY[repository.type].map((field) => repository[field])]
    .map((part) => part ?? '')
    .join(':');
}
