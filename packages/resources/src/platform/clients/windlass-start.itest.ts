import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('docker', args, { timeout: 110_000 })).stdout.trim();
const NAME = 'windlass-it-start';
/** In the place of Patroni: it begins when it is told to, says so, and ends in order. */
const PATRONI = `#!/bin/sh
trap 'echo ended >> /windlass/data/said; exit 0' TERM
until [ -e "$1" ]; do sleep 0.02; done
echo began >> /windlass/data/said
while :; do sleep 0.02; done
`;

let data: string;
const at = (name: string): string => path.join(data, name);
const said = (): Promise<string> => readFile(at('said'), 'utf8').catch(() => '');
const isThere = (name: string): Promise<boolean> => readFile(at(name)).then(() => true, () => false); // prettier-ignore
async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(20); // the test's own limit ends a wait for nothing
}

beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'windlass-start-'));
  await mkdir(at('pgdata'));
  await writeFile(at('patroni'), PATRONI);
  for (const one of ['', 'patroni']) await chmod(at(one), 0o777);
});
afterEach(async () => {
  await docker('rm', '-f', NAME);
  await rm(data, { recursive: true, force: true });
});
const start = (major: string) =>
  docker('run', '-d', '--name', NAME, '--network', 'none', '-v', `${data}:/windlass/data`, '-v', `${at('patroni')}:/usr/local/bin/windlass-patroni:ro`, `windlass/postgres:${major}`); // prettier-ignore
const exitCode = (): Promise<string> => docker('wait', NAME);

const majors = (process.env['WINDLASS_POSTGRES_MAJORS'] ?? '15 17 18').split(' ');

test.each(majors)(
  'the container of Postgres %s waits while it is told to, without Patroni, and goes on',
  async (major) => {
    await start(major);
    await until(async () => (await said()) === 'began\n');
    await writeFile(at('hold'), '');
    await docker('kill', '-s', 'TERM', NAME);
    await until(() => isThere('held'));
    expect(await said()).toBe('began\nended\n');
    await rm(at('hold'));
    await until(async () => (await said()) === 'began\nended\nbegan\n');
    expect(await isThere('held')).toBe(false);
    await docker('kill', '-s', 'TERM', NAME); // nobody asks it to wait: it ends as Patroni does
    expect(await exitCode()).toBe('0');
  },
);

test('a container that waits ends at once when it is told to, and one that follows it waits, too', async () => {
  await writeFile(at('hold'), '');
  await start('17');
  await until(() => isThere('held'));
  await docker('kill', '-s', 'TERM', NAME);
  expect(await exitCode()).toBe('143');
  expect(await said()).not.toContain('began');
  await docker('start', NAME);
  await rm(at('held'));
  await until(() => isThere('held'));
});
