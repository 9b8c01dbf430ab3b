import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY_OPTIONS, repositoryOptions, type BackupConfig } from '../spec/index.ts';
import { renderPgBackRest } from '../inside/pgbackrest-file.ts';

const IMAGE = 'windlass/postgres:17';
const run = promisify(execFile);
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'windlass-pgbackrest-'));
  await chmod(directory, 0o755);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** What pgBackRest itself says to a configuration: its exit code and everything it wrote. */
async function parse(content: string): Promise<{ code: number; said: string }> {
  const file = path.join(directory, 'pgbackrest.conf');
  await writeFile(file, content, { mode: 0o600 });
  await chown(file, 5432, 5432);
  const script = 'pgbackrest --config=/c/pgbackrest.conf --stanza=db --io-timeout=1 info; echo "exit=$?"';
  const args = [
    'run',
    '--rm',
    '--network',
    'none',
    '-v',
    `${directory}:/c:ro`,
    '--entrypoint',
    'sh',
    IMAGE,
    '-c',
    script,
  ];
  const { stdout, stderr } = await run('docker', args);
  return { code: Number(/exit=(\d+)/.exec(stdout)?.[1]), said: stdout + stderr };
}

type Repository = BackupConfig['repositories'][number];
const secrets = { s3: ['s3-key', 's3-key-secret'], azure: ['azure-key'], gcs: [], posix: [], cifs: [] };
const values: Record<string, string> = { 's3-key': 'k', 's3-key-secret': 's', 'azure-key': 'a2V5', 'cipher-pass': 'p' };

const render = (...repositories: Repository[]): string =>
  renderPgBackRest({
    processes: 2,
    blockIncremental: true,
    repositories: repositories.map((repository) => {
      const names = secrets[repository.type];
      const place = { databaseId: 'shop', nodeName: 'n1', secrets: names, volumes: [] };
      const encrypted = repository.custom_options?.['cipher-type'] !== undefined ? ['cipher-pass'] : [];
      const credentials = [...names, ...encrypted].map((name) => [name, values[name] ?? '']);
      return {
        ...repositoryOptions(repository, place),
        ...(Object.fromEntries(credentials) as Record<string, string>),
      };
    }),
  });

const posix: Repository = { type: 'posix', base_path: '/a', id: 'disk' };
const s3: Repository = { type: 's3', s3_bucket: 'bucket', s3_endpoint: 'nowhere.invalid', id: 'cloud' };
const azure: Repository = { type: 'azure', azure_account: 'account', azure_container: 'container', azure_key: 'x' };
const gcs: Repository = { type: 'gcs', gcs_bucket: 'bucket' };
/** What is left to go wrong when everything was understood: there is no network. */
const UNREACHABLE = /unable to get address for|unable to connect|\[HostConnectError\]|HostConnect/;

describe('what pgBackRest makes of our files', () => {
  it.each([
    ['posix', [posix]],
    ['cifs', [{ ...posix, type: 'cifs' as const }]],
    ['posix, encrypted', [{ ...posix, custom_options: { 'cipher-type': 'aes-256-cbc' } }]],
    ['two on disk', [posix, { ...posix, id: 'second', retention_full: 2, retention_full_type: 'count' as const }]],
  ])('%s is read and there is nothing in it yet', async (_name, repositories) => {
    const { code, said } = await parse(render(...repositories));
    expect(said).not.toMatch(/WARN|ERROR/);
    expect(said).toContain('missing stanza path');
    expect(code).toBe(0);
  });

  it.each([
    ['s3', s3],
    [
      's3, encrypted, paths in the address',
      { ...s3, custom_options: { 'cipher-type': 'aes-256-cbc', 's3-uri-style': 'path' } },
    ],
    ['gcs', gcs],
    ['azure', azure],
  ])('%s fails only because nobody answers', async (_name, repository) => {
    const { said } = await parse(render(repository));
    expect(said).toMatch(UNREACHABLE);
    expect(said).not.toMatch(/invalid option|not valid|must be set|requires option|WARN/);
  });

  it('several at once: what the one on disk holds is told although the other does not answer', async () => {
    const { said } = await parse(render(posix, s3));
    expect(said).toMatch(UNREACHABLE);
    expect(said).toMatch(/missing stanza path/);
  });

  it('knows every option that can be set, and refuses one it does not know', async () => {
    const names = Object.keys(REPOSITORY_OPTIONS).map((name) => `repo1-${name}`);
    const help = await run('docker', [
      'run',
      '--rm',
      '--network',
      'none',
      '--entrypoint',
      'pgbackrest',
      IMAGE,
      'help',
      'backup',
    ]);
    for (const name of names) expect(help.stdout).toContain(`--${name.replace('repo1-', 'repo-')} `);
    expect((await parse(`${render(posix)}\nrepo1-no-such-option=1\n`)).said).toMatch(/WARN.*invalid option/);
  });
});
