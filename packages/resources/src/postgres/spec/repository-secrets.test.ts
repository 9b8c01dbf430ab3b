import type { DatabaseSpec } from './database.ts';
import { sealRepositories, unsealRepositories } from './repository-secrets.ts';
import { validateUpdate } from './update.ts';

type Repository = NonNullable<DatabaseSpec['backup_config']>['repositories'][number];
const s3: Repository = { type: 's3', s3_bucket: 'backups', s3_key: 'CANARY-1', s3_key_secret: 'CANARY-2' };
const withRepository = (repository: Repository): DatabaseSpec => ({
  database_name: 'shop',
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
  backup_config: { repositories: [repository] },
});
const encrypted: Repository = { type: 'posix', base_path: '/b', custom_options: { 'cipher-type': 'aes-256-cbc' } };
const only = <T>(map: ReadonlyMap<string, T>): T => [...map.values()][0] as T;

describe('credentials of repositories', () => {
  it('are taken out of the spec and put back', () => {
    const spec = withRepository({ ...s3, custom_options: { 's3-token': 'CANARY-3', bundle: 'y' } });
    const sealed = sealRepositories(spec);
    expect(JSON.stringify([sealed.spec, sealed.facts])).not.toContain('CANARY');
    expect(Object.values(sealed.facts)).toEqual([
      { version: only(sealed.secrets).version, names: ['s3-key', 's3-key-secret', 's3-token'] },
    ]);
    expect(unsealRepositories(sealed.spec, sealed.secrets)).toEqual(spec);
  });
  it('of a node are its own', () => {
    const spec = withRepository(s3);
    const [first] = spec.nodes;
    const both = { ...spec, nodes: [{ ...first, backup_config: { repositories: [{ ...s3, s3_key: 'OTHER' }] } }] };
    const sealed = sealRepositories(both as DatabaseSpec);
    expect([...sealed.secrets.values()].map((one) => one.values['s3-key'])).toEqual(['CANARY-1', 'OTHER']);
    expect(unsealRepositories(sealed.spec, sealed.secrets)).toEqual(both);
  });
  it('keep their version until they change', () => {
    const first = sealRepositories(withRepository(s3));
    expect(sealRepositories(withRepository(s3), first.secrets).facts).toEqual(first.facts);
    const changed = sealRepositories(withRepository({ ...s3, s3_key: 'another' }), first.secrets);
    expect(changed.facts).not.toEqual(first.facts);
  });
  it('that an update leaves out are kept', () => {
    const { spec, secrets } = sealRepositories(withRepository(s3));
    const ids = { databaseId: 'shop' };
    const { s3_key: _key, s3_key_secret: _secret, ...rest } = s3;
    expect(validateUpdate(unsealRepositories(spec, secrets), withRepository(rest), ids)).toEqual({
      spec: withRepository(s3),
    });
  });
});

describe('encryption', () => {
  it('makes a passphrase that stays', () => {
    const first = sealRepositories(withRepository(encrypted));
    expect(only(first.secrets).values['cipher-pass']).toMatch(/^.{64}$/);
    expect(JSON.stringify(first.spec)).not.toContain('cipher-pass');
    expect(sealRepositories(withRepository(encrypted), first.secrets).facts).toEqual(first.facts);
  });
  it('uses the passphrase given', () => {
    const given = { ...encrypted, custom_options: { ...encrypted.custom_options, 'cipher-pass': 'mine' } };
    expect(only(sealRepositories(withRepository(given)).secrets).values).toEqual({ 'cipher-pass': 'mine' });
  });
  it('cannot be changed or given up', () => {
    const { spec, secrets } = sealRepositories(withRepository(encrypted));
    const before = unsealRepositories(spec, secrets);
    const update = (custom_options: Record<string, string>) =>
      validateUpdate(before, withRepository({ ...encrypted, custom_options }), { databaseId: 'shop' });
    expect(update({})).toMatchObject({ issues: [{ message: expect.stringContaining('cannot be changed') as string }] });
    expect(update({ 'cipher-type': 'aes-256-cbc', 'cipher-pass': 'other' })).toHaveProperty('issues');
    expect(update({ 'cipher-type': 'aes-256-cbc' })).toHaveProperty('spec');
  });
  it('never forgets a passphrase, nor when the repository comes back at another level', () => {
    const { secrets } = sealRepositories(withRepository(encrypted));
    const plain = sealRepositories(withRepository({ type: 'posix', base_path: '/b' }), secrets);
    expect(only(plain.secrets).values).toEqual(only(secrets).values);
    const atNode = { ...withRepository(encrypted), backup_config: undefined };
    const moved = sealRepositories(
      { ...atNode, nodes: [{ name: 'n1', host_ids: ['a'], backup_config: { repositories: [encrypted] } }] },
      secrets,
    );
    expect(only(moved.secrets).values).toEqual(only(secrets).values);
  });
});
