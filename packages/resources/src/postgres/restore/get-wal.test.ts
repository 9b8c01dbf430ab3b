import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { GET_WAL } from './scripts.ts';

const HISTORY = '00000002.history';
const WHOLE = '1\t0/5000000\tno recovery target specified\n';

let work = '';
const at = (...parts: string[]): string => path.join(work, ...parts);
const env = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${at('bin')}:${process.env.PATH ?? ''}` });
const wal = (name: string): string[] => [at('get-wal'), name, at('got')];
const near = (text: string): void => writeFileSync(at('live', HISTORY), text);
const archived = (text: string): void => writeFileSync(at('archive', HISTORY), text);
const got = (): string | undefined => (existsSync(at('got')) ? readFileSync(at('got'), 'utf8') : undefined);
const ask = (name: string) => spawnSync('/bin/sh', wal(name), { env: env(), encoding: 'utf8' });

beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), 'get-wal-'));
  for (const name of ['bin', 'archive', 'live']) mkdirSync(at(name));
  writeFileSync(at('get-wal'), GET_WAL);
  writeFileSync(at('settings'), `DATA='${at('data')}'\nCONFIG='/etc/some'\nNEAR='${at('live')}'\n`);
  // As pgBackRest's archive-get: 1 where the archive has no such file; `broken` stands for a repository nobody reaches.
  const script = `#!/bin/sh\nfor last; do before=$name; name=$last; done\ntouch "${at('asked')}"\n[ "$before" != broken ] || exit 103\n[ -e "${at('archive')}/$before" ] || exit 1\ncp "${at('archive')}/$before" "$name"\n`;
  writeFileSync(at('bin/pgbackrest'), script);
  chmodSync(at('bin/pgbackrest'), 0o755);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

test('a history that is beside the data is taken from there', () => {
  near(WHOLE);
  expect(ask(HISTORY).status).toBe(0);
  expect(got()).toBe(WHOLE);
});

test.each(['', '1\t0/50', '1\t0/5000000\tno recovery'])(
  'one that is being written, %j, is asked of the archive',
  (text) => {
    near(text);
    archived(WHOLE);
    expect(ask(HISTORY).status).toBe(0);
    expect(got()).toBe(WHOLE);
  },
);

test('one that is not archived either is waited for until it is whole', async () => {
  near('');
  const child = spawn('/bin/sh', wal(HISTORY), { env: env() });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  while (!existsSync(at('asked'))) await turn(); // it had looked before
  expect(got()).toBeUndefined();
  near(WHOLE);
  expect(await ended).toBe(0);
  expect(got()).toBe(WHOLE);
});

test('one that stays as it is ends the recovery: without it the timeline would have no ancestors', () => {
  near('1\t0/50');
  expect(ask(HISTORY)).toMatchObject({ status: 255, stderr: expect.stringContaining('is not complete') as string });
  expect(got()).toBeUndefined();
});

test('what nobody has is not there; a repository that does not answer is not the end of the archive', () => {
  expect(ask(HISTORY).status).toBe(1);
  expect(ask('000000010000000000000004').status).toBe(1);
  expect(ask('broken').status).toBe(255);
});
