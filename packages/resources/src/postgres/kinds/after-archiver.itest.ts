import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Clients, ExecRequest, ExecResult } from '../clients/ports.ts';
import { afterArchiver } from '../inside/after-archiver.ts';
import { CONFIG_FILE, renderPgBackRest } from '../inside/pgbackrest-file.ts';
import { pgbackrest } from '../inside/pgbackrest-run.ts';

const run = promisify(execFile);
const LOCKS = '/windlass/data/pgbackrest/lock';
let container: string;

/** A container with pgBackRest and its configuration; Postgres does not run. */
beforeAll(async () => {
  const options = ['--rm', '--network', 'none', '--user', '5432:5432', '--tmpfs', '/windlass:uid=5432,gid=5432'];
  const { stdout } = await run('docker', [
    'run', '-d', ...options, '--entrypoint', 'sleep', 'windlass/postgres:17', 'infinity',
  ]); // prettier-ignore
  container = stdout.trim();
  const repositories = [{ type: 'posix', path: '/windlass/backups' }];
  const config = renderPgBackRest({ processes: 1, blockIncremental: false, repositories });
  const prepare = `mkdir -p ${LOCKS} /windlass/config && printf %s "$0" >${CONFIG_FILE}`;
  await run('docker', ['exec', container, 'sh', '-c', prepare, config]);
});
afterAll(() => run('docker', ['rm', '--force', container]));

/** Has the lock as the archiver's process has it, until its input ends: of the stanza, since 2.55 of its repository. */
async function archiver(): Promise<ChildProcess> {
  const lock = (fd: number, name: string): string =>
    `exec ${String(fd)}>${LOCKS}/${name}.lock && flock --exclusive --nonblock ${String(fd)}`;
  const script = `${lock(8, 'db-archive')} && ${lock(9, 'db-archive-1')} && echo held && cat`;
  const child = spawn('docker', ['exec', '-i', container, 'sh', '-c', script]);
  await once(child.stdout, 'data');
  return child;
}

async function exec(_id: string, { command }: ExecRequest): Promise<ExecResult> {
  const ended = await run('docker', ['exec', container, ...command]).then(
    (streams) => ({ ...streams, code: 0 }),
    (err: unknown) => err as { stdout: string; stderr: string; code: number },
  );
  return { exitCode: ended.code, stdout: ended.stdout, stderr: ended.stderr };
}

test('pgBackRest that finds the lock of the archiver taken is given again once it is free', async () => {
  const child = await archiver();
  const said: string[] = [];
  const docker = {
    serviceContainer: () => Promise.resolve({ id: container, state: 'running' }),
    exec: (id: string, request: ExecRequest) => {
      const result = exec(id, request);
      if (request.command[0] === 'sh') child.stdin?.end();
      return result;
    },
  };
  const clients = { docker } as unknown as Clients;
  const { signal } = new AbortController();
  const create = () =>
    pgbackrest(clients, 's', { args: ['stanza-create'], signal }).catch((err: Error) => {
      said.push(err.message);
      throw err;
    });
  // Postgres does not run: that is what it says once it has the lock.
  await expect(afterArchiver(clients, 's', signal, create)).rejects.toMatchObject({ code: 'postgres_unavailable' });
  expect(said[0]).toMatch(/unable to acquire lock on file '\/windlass\/data\/pgbackrest\/lock\/db-archive(-1)?\.lock'/);
  expect(said.length).toBeGreaterThan(1);
});
