import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { accept, call, create, done, ended, get, remove, sql } from './client.ts';
import { startS3, type S3Server } from './s3-server.ts';
import { ENV, HOME, HOST } from './stack.ts';

const ID = 'b-s3';
const BACKUPS = `/v1/databases/${ID}/nodes/n1/backups`;

interface Backup {
  readonly label: string;
  readonly repository_id: string;
  readonly type: string;
  readonly verified?: boolean;
}
const backups = async (): Promise<readonly Backup[]> => (await get<{ backups: Backup[] }>(BACKUPS)).backups;

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3(path.join(HOME, 's3'), path.join(HOME, 'volumes/ca'), Number(ENV.WINDLASS_PORT_MIN) - 50);
  const at = { s3_bucket: s3.bucket, s3_endpoint: s3.endpoint, s3_key: s3.key, s3_key_secret: s3.key };
  await create(ID, {
    database_name: ID,
    orchestrator_opts: { swarm: { extra_volumes: [{ host_path: s3.trust, destination_path: '/mnt/ca' }] } },
    nodes: [{ name: 'n1', host_ids: [HOST] }],
    backup_config: {
      repositories: [
        { type: 'posix', id: 'disk', base_path: '/backups' },
        {
          ...at,
          type: 's3',
          id: 'cloud',
          custom_options: { 's3-uri-style': 'path', 'storage-ca-file': '/mnt/ca/ca.crt', 'cipher-type': 'aes-256-cbc' },
        },
      ],
    },
  });
});
afterAll(async () => {
  await remove(ID);
  await s3.stop();
});

test('one backup goes to the disk and to S3 over TLS, and what is in S3 can be restored and read', async () => {
  await sql(ID, 'CREATE TABLE kept AS SELECT generate_series(1, 5000) AS id');
  await done(ID, 'POST', BACKUPS, { type: 'full' });
  const found = await backups();
  expect(found.map((b) => [b.repository_id, b.type]).sort()).toEqual([
    ['cloud', 'full'],
    ['disk', 'full'],
  ]);
  const cloud = found.find((b) => b.repository_id === 'cloud');
  await done(ID, 'POST', `${BACKUPS}/${cloud?.label ?? ''}/verify`);
  expect((await backups()).find((b) => b.label === cloud?.label)?.verified).toBe(true);
});

test('a backup that was silently damaged is caught, and the database says so', async () => {
  const label = (await backups()).find((b) => b.repository_id === 'cloud')?.label ?? '';
  const [largest = ''] = filesUnder(s3.objects)
    .filter((file) => file.includes(`/${label}/`) && file.endsWith('_object'))
    .sort((a, b) => statSync(b).size - statSync(a).size);
  const bytes = readFileSync(largest);
  bytes.fill(0x58, bytes.length / 2, bytes.length / 2 + 64);
  writeFileSync(largest, bytes);
  const task = await ended(ID, await accept('POST', `${BACKUPS}/${label}/verify`));
  expect(task).toMatchObject({ status: 'failed', error: expect.stringContaining(label) as string });
  const { conditions } = await get<{ conditions: { type: string; message: string }[] }>(`/v1/databases/${ID}`);
  expect(conditions).toMatchObject([{ type: 'backup_damaged', message: expect.stringContaining(label) as string }]);
});

test('credentials are in the file of the instance, mode 0600, and nowhere that others can look', async () => {
  const container = execFileSync('docker', ['ps', '-q', '--filter', `label=pgedge.database.id=${ID}`], {
    encoding: 'utf8',
  }).trim();
  const inside = (...command: string[]): string =>
    execFileSync('docker', ['exec', container, ...command], { encoding: 'utf8' });
  expect(inside('cat', '/windlass/config/pgbackrest.conf')).toContain(`repo2-s3-key-secret=${s3.key}`);
  expect(inside('stat', '-c', '%a %U', '/windlass/config/pgbackrest.conf')).toBe('600 postgres\n');
  const inspected = execFileSync('docker', ['inspect', container], { encoding: 'utf8' });
  const answers = await Promise.all(
    [`/v1/databases/${ID}`, `/v1/databases/${ID}/resources`, `/v1/databases/${ID}/tasks`, BACKUPS].map((url) =>
      call('GET', url),
    ),
  );
  expect(inspected + JSON.stringify(answers.map((a) => a.body)) + inside('ps', 'axww')).not.toContain(s3.key);
});

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
