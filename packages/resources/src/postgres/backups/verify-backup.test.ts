import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFiles } from '../../platform/clients/files.ts';
import type { Clients, ExecResult, RunRequest } from '../clients/ports.ts';
import { verifyBackup } from './verify-backup.ts';

const wish = {
  instanceId: 'i', databaseId: 'shop', taskId: 't', label: 'L', repository: 1, imageId: 'image', postgresMajor: 17, volumes: [],
  networks: ['bridge'],
}; // prettier-ignore
const run = { signal: new AbortController().signal, progress: () => undefined };
const root = mkdtempSync(path.join(tmpdir(), 'verify-'));
afterAll(() => rmSync(root, { recursive: true }));

/** What pgBackRest says of the files, and how the throw-away instance ends. */
function clientsOf(said: ExecResult, work: (request: RunRequest) => ExecResult): Clients {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state: 'running' }),
    exec: () => Promise.resolve(said),
    removeContainer: () => Promise.resolve(),
    run: (request: RunRequest) => Promise.resolve(work(request)),
  };
  return { docker, files: openFiles(root, owner) } as unknown as Clients;
}
const ok = { exitCode: 0, stdout: 'status: ok\n', stderr: '' };

test('what an attempt left whose worker died is removed first, and all of it afterwards', async () => {
  const scratch = path.join(root, 'verify/t');
  mkdirSync(path.join(scratch, 'data'), { recursive: true });
  writeFileSync(path.join(scratch, 'data/PG_VERSION'), '17');
  const clients = clientsOf(ok, ({ command }) => {
    expect([existsSync(path.join(scratch, 'data')), existsSync(path.join(scratch, 'made'))]).toEqual([false, true]);
    return { exitCode: 0, stdout: `${command[3] ?? ''} 2 30 4000\n`, stderr: '' };
  });
  expect(await verifyBackup(clients, wish, run)).toEqual({ databases: 2, tables: 30, bytesRead: 4000 });
  expect(existsSync(scratch)).toBe(false);
});

test('a repository that does not answer is no damage', async () => {
  const away = { exitCode: 49, stdout: '', stderr: "ERROR: [049]: unable to connect to 's3:443'\n" };
  await expect(
    verifyBackup(
      clientsOf(away, () => ok),
      wish,
      run,
    ),
  ).rejects.toMatchObject({
    code: 'backup_not_verified',
    message: "backup 'L' could not be verified: pgBackRest verify: unable to connect to 's3:443'",
  });
});
