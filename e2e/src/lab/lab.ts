import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT, until } from '../stack.ts';

export const HOSTS = ['host-1', 'host-2', 'host-3'] as const;

const run = promisify(execFile);

/** The lab's own ports and folder are in bin/lib/lab/common.sh: what e2e/src/stack.ts says about another stack is not for it. */
export async function lab(...args: string[]): Promise<string> {
  const { stdout } = await run(path.join(ROOT, 'bin/lab'), args, { cwd: ROOT, maxBuffer: 256 * 1024 * 1024 });
  return stdout.trim();
}

/** Runs a shell line on a host. */
export const onHost = (host: string, script: string): Promise<string> => lab('exec', host, 'bash', '-c', script);

/** Every host's manager has a leader and knows every node. */
export const swarmIsWhole = (): Promise<boolean> =>
  until(
    'the swarm to be whole',
    async () =>
      (await Promise.all(HOSTS.map((host) => onHost(host, 'docker node ls -q | wc -l')))).every(
        (n) => n === String(HOSTS.length),
      ),
    120_000,
  );

/** Ids of the containers of a database on a host, running or not. */
export async function containersOf(host: string, databaseId: string): Promise<string[]> {
  const out = await onHost(host, `docker ps -aq --no-trunc --filter label=pgedge.database.id=${databaseId}`);
  return out.split('\n').filter((line) => line !== '');
}

/** Shell words that give the id of the running Postgres container of a database on the host they are run on. */
export const running = (databaseId: string): string =>
  `$(docker ps -q --filter label=pgedge.database.id=${databaseId} --filter label=pgedge.component=postgres)`;
