import { readFileSync, writeFileSync } from 'node:fs';
import { create, done, get, remove, type Task } from './client.ts';
import { bash, HOME, HOST, until } from './stack.ts';

const ID = 'b-proof';
const BACKUPS = `/v1/databases/${ID}/nodes/n1/backups`;
/** A run comes every minute, on a busy machine takes nearly one, and one that is under way has looked at the file as it was before. */
const WITHIN_MS = 200_000;

interface Condition {
  readonly type: string;
  readonly message: string;
}
interface Status {
  readonly conditions?: readonly Condition[];
  readonly backups: readonly { readonly schedules: readonly { readonly last_outcome?: string }[] }[];
}
const status = (): Promise<Status> => get<Status>(`/v1/databases/${ID}`);
const conditions = async (): Promise<readonly Condition[]> => (await status()).conditions ?? [];
const backup = async () =>
  (await get<{ backups: { label: string; verified?: boolean }[] }>(BACKUPS)).backups.at(-1) ?? { label: '' };
/** The newest verification that has ended; nobody asks for one in this test. */
const verification = async (): Promise<Task | undefined> =>
  (await get<{ tasks: Task[] }>(`/v1/databases/${ID}/tasks`)).tasks.find(
    (task) => task.type === 'verify_backup' && ['completed', 'failed'].includes(task.status),
  );

beforeAll(() =>
  create(ID, {
    database_name: ID,
    nodes: [{ name: 'n1', host_ids: [HOST] }],
    backup_config: {
      repositories: [{ type: 'posix', id: 'disk', base_path: '/backups' }],
      schedules: [{ id: 'proof', type: 'verify', cron_expression: '* * * * *' }],
    },
  }),
);
afterAll(() => remove(ID));

test('a scheduled verification proves the newest backup, and finds the one that was silently damaged', async () => {
  await until('a backup to be taken', () => done(ID, 'POST', BACKUPS, { type: 'full' }).then(() => true));
  await until('a run to prove it', async () => (await backup()).verified, WITHIN_MS);
  await until('all to be well', async () => (await conditions()).length === 0);
  // The run ends after what it proved is stored.
  const outcome = async () => (await status()).backups[0]?.schedules[0]?.last_outcome;
  await until('the run to end', async () => (await outcome()) !== undefined);
  expect(await outcome()).toBe('completed');

  const { label } = await backup();
  const [file = ''] = (
    await bash(
      `find ${HOME} -path '*/${ID}/*/${label}/*' -type f ! -name 'backup.manifest*' -printf '%s %p\n' | sort -rn`,
    )
  )
    .split('\n')
    .map((line) => line.replace(/^\d+ /, ''));
  const whole = readFileSync(file);
  const damaged = Buffer.from(whole);
  const middle = Math.floor(damaged.length / 2);
  damaged.fill(0x58, middle, middle + 64);
  writeFileSync(file, damaged);

  await until('a condition of the damaged backup', async () => (await conditions()).length === 2, WITHIN_MS);
  expect(await conditions()).toMatchObject([
    { type: 'verification_failed', message: expect.stringContaining(label) as string },
    { type: 'backup_damaged', message: expect.stringContaining(label) as string },
  ]);
  expect(await verification()).toMatchObject({ status: 'failed', error: expect.stringContaining(label) as string });
  expect(await backup()).toMatchObject({ label, verified: false });

  writeFileSync(file, whole);
  await until('the conditions to go', async () => (await conditions()).length === 0, WITHIN_MS);
  expect(await backup()).toMatchObject({ label, verified: true });
}, 700_000);
