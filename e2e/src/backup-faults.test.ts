import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { accept, done, ended, get, remove, type Task } from './client.ts';
import { asSuperuser } from './container.ts';
import { ask, completed, originOf, specOf } from './restore-client.ts';
import { startFront, type S3Front } from './s3-front.ts';
import { startS3, type S3Server } from './s3-server.ts';
import { bash, ENV, HOME, until } from './stack.ts';

const ID = 'beset';
const PASSWORD = 'pw-beset';
const BACKUPS = `/v1/databases/${ID}/nodes/n1/backups`;
const S3 = path.join(HOME, 's3-beset');
const TRUST = path.join(HOME, 'volumes/beset-ca');
/** A disk of its own, that is small. */
const DISK = path.join(HOME, 'volumes/beset-disk');
const PORT = Number(ENV.WINDLASS_PORT_MIN) - 40;
const CATCHES_UP_MS = 90_000;
/** How many WAL segments wait right now; the status of the database tells some seconds later. */
const READY = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  readonly backups?: readonly { readonly archiving?: { readonly waiting_segments: number } }[];
}
let s3: S3Server;
let front: S3Front;
const disk = { type: 'posix', id: 'disk', base_path: '/mnt/disk' };
const cloud = (more: object = {}) => ({
  type: 's3',
  id: 'cloud',
  s3_bucket: s3.bucket,
  s3_endpoint: front.endpoint,
  custom_options: { 's3-uri-style': 'path', 'storage-ca-file': '/mnt/ca/ca.crt', 'cipher-type': 'aes-256-cbc' },
  ...more,
});

beforeAll(async () => {
  mkdirSync(DISK, { recursive: true });
  await bash(`! mountpoint -q ${DISK} || umount ${DISK}`); // of a run that was killed
  await bash(`mount -t tmpfs -o size=160m,mode=777 beset ${DISK}`);
  s3 = await startS3(S3, TRUST, PORT);
  front = await startFront(s3, S3, PORT + 1);
  const volumes = [
    { host_path: TRUST, destination_path: '/mnt/ca' },
    { host_path: DISK, destination_path: '/mnt/disk' },
  ];
  const repositories = [disk, cloud({ s3_key: s3.key, s3_key_secret: s3.key })];
  const spec = {
    ...specOf(PASSWORD, { backup_config: { repositories } }),
    orchestrator_opts: { swarm: { extra_volumes: volumes } },
  };
  await done(ID, 'POST', '/v1/databases', { id: ID, spec });
  await query('CREATE TABLE orders (i int)');
  await completed(ID, await backup());
});
afterAll(async () => {
  await remove(ID).catch(() => undefined);
  await front.down().catch(() => undefined);
  await s3.stop();
  await bash(`umount ${DISK}`);
  for (const directory of [DISK, TRUST, S3]) rmSync(directory, { recursive: true, force: true });
});

const query = (text: string): Promise<string> => ask(ID, PASSWORD, text);
const backup = (): Promise<Task> =>
  accept('POST', BACKUPS, { type: 'full', backup_options: { 'io-timeout': '3', 'archive-timeout': '20' } });
const restore = (repository: object, options: Record<string, string> = {}): Promise<Task> =>
  accept('POST', `/v1/databases/${ID}/restore`, { restore_config: { ...originOf(ID, options), repository } });
const conditions = async (): Promise<string[]> =>
  ((await get<Status>(`/v1/databases/${ID}`)).conditions ?? []).map(({ type, message }) => `${type}: ${message}`);
const waiting = async (): Promise<number> =>
  (await get<Status>(`/v1/databases/${ID}`)).backups?.[0]?.archiving?.waiting_segments ?? NaN;
const labels = async (): Promise<string[]> =>
  (await get<{ backups: { repository_id: string; label: string }[] }>(BACKUPS)).backups.map(
    (b) => `${b.repository_id} ${b.label}`,
  );
/** One more row, in a WAL segment of its own. */
async function writeSegments(rows: number): Promise<void> {
  for (let i = 0; i < rows; i += 1) {
    await query('INSERT INTO orders VALUES (1) RETURNING 1');
    await asSuperuser(ID, 'SELECT pg_switch_wal()');
  }
}

/** A restore ends before anything is changed, and says why. */
async function refusedRestore(repository: object, reason: RegExp, options?: Record<string, string>): Promise<void> {
  const started = await query('SELECT pg_postmaster_start_time()');
  const task = await ended(ID, await restore(repository, options), 90_000);
  expect(task).toMatchObject({ status: 'failed', error: expect.stringMatching(reason) as string });
  expect(await query('SELECT pg_postmaster_start_time()')).toBe(started);
}

test('S3 that does not know the key: the backup fails, the disk gets its own all the same, conditions and a restore say why', async () => {
  front.knowOnly('another key');
  const before = await labels();
  expect(await ended(ID, await backup(), 90_000)).toMatchObject({ status: 'failed' });
  const added = (await labels()).filter((label) => !before.includes(label));
  expect(added).toEqual([expect.stringMatching(/^disk /)]);
  const said = /^backup_repository_unusable: repository 2: .*HTTP request failed with 403 \(Forbidden\)/;
  expect(await conditions()).toContainEqual(expect.stringMatching(said));
  await refusedRestore(cloud(), /403 \(Forbidden\): The AWS Access Key Id you provided does not exist/);
  front.knowOnly(s3.key);
});

test('a certificate of another CA, another passphrase: a restore says so and changes nothing', async () => {
  front.showCertificate('unknown');
  await refusedRestore(cloud(), /unable to verify certificate presented by '172\.17\.0\.1:\d+'/);
  front.showCertificate('trusted');
  const { custom_options: options } = cloud();
  await refusedRestore(cloud({ custom_options: { ...options, 'cipher-pass': 'other' } }), /another passphrase/);
});

test('S3 down and the disk full: no WAL is archived, which is told; writes go on, and all is caught up with afterwards', async () => {
  await bash(`dd if=/dev/zero of=${DISK}/filler bs=1M 2>/dev/null || true`);
  const options = { 'archive-check': 'n', repo: '1' };
  const full = await ended(ID, await accept('POST', BACKUPS, { type: 'full', backup_options: options }));
  expect(full).toMatchObject({ status: 'failed', error: expect.stringContaining('No space left on device') as string });
  await front.down();
  await writeSegments(3);
  const target = await query('SELECT clock_timestamp()::text');
  await Promise.all([
    refusedRestore(cloud(), /unable to connect to '172\.17\.0\.1:\d+'/),
    until('the alarm', async () => (await conditions()).some((c) => c.startsWith('archiving_failing: ')), 90_000),
  ]);
  expect(await waiting()).toBeGreaterThanOrEqual(3);

  await bash(`rm ${DISK}/filler`);
  await front.up();
  await writeSegments(1);
  await until('all WAL to be archived', async () => (await waiting()) === 0, CATCHES_UP_MS);
  await completed(ID, await backup());
  await labels();
  expect(await conditions()).toEqual([]);
  await completed(ID, await restore(cloud(), { type: 'time', target }));
  expect(await query('SELECT count(*) FROM orders')).toBe('3');
}, 300_000);

test('WAL that waits has a limit: past it Postgres writes on without, and a new backup closes the gap', async () => {
  const config = `${HOME}/data/*/instances/${ID}-*/config/pgbackrest.conf`;
  await bash(`sed -i 's/^archive-push-queue-max=.*/archive-push-queue-max=48MiB/' ${config}`);
  front.knowOnly('another key');
  await writeSegments(2);
  const lost = await query('SELECT clock_timestamp()::text');
  await writeSegments(4);
  await until('the WAL to be dropped', async () => Number(await asSuperuser(ID, READY)) < 3, CATCHES_UP_MS);
  front.knowOnly(s3.key);
  await completed(ID, await backup());
  const rows = await query('SELECT count(*) FROM orders');
  const target = await query('SELECT clock_timestamp()::text');
  await refusedRestore(cloud(), /archive ends before the target/, { type: 'time', target: lost });
  await query('TRUNCATE orders');
  await completed(ID, await restore(cloud(), { type: 'time', target }));
  expect(await query('SELECT count(*) FROM orders')).toBe(rows);
}, 300_000);
