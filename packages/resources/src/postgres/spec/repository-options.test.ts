import { BackupRepository } from './backup.ts';
import { repositoryOptions, type RepositoryPlace } from './repository-options.ts';
import type { Repository } from './rules-repository.ts';

const place: RepositoryPlace = { databaseId: 'shop', nodeName: 'n1', secrets: [], volumes: [] };
const kept = { bundle: 'y', 'retention-full': '7', 'retention-full-type': 'time' };

const CASES: readonly (readonly [string, Repository, Partial<RepositoryPlace>, Record<string, string>])[] = [
  [
    'posix without a volume goes to the database’s own directory',
    { type: 'posix', base_path: '/backups' },
    {},
    { ...kept, type: 'posix', path: '/windlass/backups/backups/databases/shop/n1' },
  ],
  [
    'posix in an extra volume is where it says',
    { type: 'posix', id: 'main', base_path: '/mnt/nfs/a' },
    { volumes: ['/mnt/nf', '/mnt/nfs'] },
    { ...kept, type: 'posix', path: '/mnt/nfs/a/databases/shop/main/n1' },
  ],
  [
    'cifs',
    { type: 'cifs', base_path: '/mnt/share' },
    { volumes: ['/mnt/share'] },
    { ...kept, type: 'cifs', path: '/mnt/share/databases/shop/n1' },
  ],
  [
    's3 by the region alone, with the role of the machine',
    { type: 's3', s3_bucket: 'b', s3_region: 'eu-west-1' },
    {},
    {
      ...kept,
      type: 's3',
      path: '/databases/shop/n1',
      's3-bucket': 'b',
      's3-endpoint': 's3.eu-west-1.amazonaws.com',
      's3-key-type': 'auto',
      's3-region': 'eu-west-1',
    },
  ],
  [
    's3 elsewhere, with a key, a prefix and options that win',
    {
      type: 's3',
      id: 'cloud',
      s3_bucket: 'b',
      s3_endpoint: 'minio:9000',
      base_path: '/team',
      custom_options: { 'repo1-bundle': 'n', 's3-uri-style': 'path' },
    },
    { secrets: ['s3-key', 's3-key-secret'] },
    {
      ...kept,
      bundle: 'n',
      type: 's3',
      path: '/team/databases/shop/cloud/n1',
      's3-bucket': 'b',
      's3-endpoint': 'minio:9000',
      's3-key-type': 'shared',
      's3-region': 'us-east-1',
      's3-uri-style': 'path',
    },
  ],
  [
    'gcs',
    { type: 'gcs', gcs_bucket: 'b' },
    { secrets: ['gcs-key'] },
    {
      ...kept,
      type: 'gcs',
      path: '/databases/shop/n1',
      'gcs-bucket': 'b',
      'gcs-endpoint': 'storage.googleapis.com',
      'gcs-key-type': 'service',
    },
  ],
  [
    'azure',
    { type: 'azure', azure_account: 'a', azure_container: 'c' },
    { secrets: ['azure-key'] },
    {
      ...kept,
      type: 'azure',
      path: '/databases/shop/n1',
      'azure-account': 'a',
      'azure-container': 'c',
      'azure-endpoint': 'blob.core.windows.net',
      'azure-key-type': 'shared',
      'azure-uri-style': 'host',
    },
  ],
];

describe('a repository as pgBackRest wants it', () => {
  it.each(CASES)('%s', (_name, repository, more, options) => {
    expect(repositoryOptions(repository, { ...place, ...more })).toEqual(options);
  });
  it('says how long backups are kept', () => {
    const repository = BackupRepository.parse({
      type: 'posix',
      base_path: '/b',
      retention_full: 3,
      retention_full_type: 'count',
    });
    expect(repositoryOptions(repository, place)).toMatchObject({
      'retention-full': '3',
      'retention-full-type': 'count',
    });
  });
  it('never holds a credential', () => {
    const repository: Repository = { type: 's3', s3_bucket: 'b', s3_key: 'CANARY', s3_key_secret: 'CANARY' };
    expect(JSON.stringify(repositoryOptions(repository, place))).not.toContain('CANARY');
  });
});
