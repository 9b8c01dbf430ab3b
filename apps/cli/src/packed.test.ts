import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openServer, type TestServer } from './testing/server.ts';

const run = promisify(execFile);
const ROOT = path.join(__dirname, '../../..');
const CLI = path.join(ROOT, 'apps/cli');
const LIMIT_MS = 300;

let server: TestServer;
let folder: string;
let command: string;
/** Both as strangers get them: packed, and installed where nothing else is. */
beforeAll(async () => {
  server = await openServer();
  folder = mkdtempSync(path.join(tmpdir(), 'windlass-packed-'));
  const pack = (cwd: string) => run('npm', ['pack', '--pack-destination', folder], { cwd });
  const client = path.join(ROOT, 'packages/client');
  await run('pnpm', ['run', 'build'], { cwd: client });
  await pack(client);
  // Beside what others may be using.
  const copy = mkdtempSync(path.join(tmpdir(), 'windlass-to-pack-'));
  copyFileSync(path.join(CLI, 'package.json'), path.join(copy, 'package.json'));
  await run('node', [path.join(CLI, 'bundle.mjs'), path.join(copy, 'dist')]);
  await pack(copy);
  rmSync(copy, { recursive: true });
  const packed = readdirSync(folder).map((file) => `./${file}`);
  writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packed], { cwd: folder });
  command = path.join(folder, 'node_modules/.bin/windlass');
}, 180_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const env = () => ({ ...process.env, WINDLASS_URL: server.url, HOME: folder });

test('the installed command asks a server, says how it ended, and holds nothing but itself', async () => {
  const { stdout } = await run(command, ['get', 'databases'], { env: env() });
  expect(stdout).toContain('shop');
  await expect(run(command, ['get', 'database', 'none'], { env: env() })).rejects.toMatchObject({ code: 4 });
  const files = readdirSync(path.join(folder, 'node_modules/windlass'), { recursive: true }).map(String);
  expect(files.filter((file) => !/^(dist(\/[\w-]+\.mjs)?|package\.json|README\.md)$/.test(file))).toEqual([]);
  expect(existsSync(path.join(folder, 'node_modules/commander'))).toBe(false);
});

test(`its help takes no more than ${String(LIMIT_MS)} ms of a processor`, async () => {
  const script = `TIMEFORMAT='%U %S'; time "$0" --help >/dev/null`;
  const { stderr } = await run('bash', ['-c', script, command], { env: env() });
  const [user = NaN, system = NaN] = stderr.trim().split(' ').map(Number);
  expect((user + system) * 1000).toBeLessThanOrEqual(LIMIT_MS);
});

test('behind a program that reads no further it ends with its own status, and without a word', async () => {
  const piped = async (words: string): Promise<string> => {
    const { stdout, stderr } = await run('bash', ['-c', `"$0" ${words} | true; echo "\${PIPESTATUS[0]}"`, command], {
      env: env(),
    });
    return stdout + stderr;
  };
  expect(await piped('get databases -o json')).toBe('0\n');
  expect(await piped('get database none 2>&1')).toBe('4\n');
  expect(await piped('get database none')).toMatch(/^4\nwindlass: .*not found/);
});

test('bash completes what it takes', async () => {
  const script = `PATH=$1:$PATH; source <(windlass completion bash)
    complete_last() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _windlass; echo "\${COMPREPLY[@]}"; }
    complete_last windlass sw; complete_last windlass backup cr; complete_last windlass apply --dr`;
  const { stdout } = await run('bash', ['-c', script, 'bash', path.dirname(command)], { env: env() });
  expect(stdout).toBe('switchover\ncreate\n--dry-run\n');
});

test('the installed client is imported, and has its types', async () => {
  const program = `import { createClient, waitForTask } from '@windlass/client';
    const { data } = await createClient({ baseUrl: process.env.WINDLASS_URL }).api.GET('/v1/databases');
    console.log(typeof waitForTask, data.databases[0].id);`;
  const { stdout } = await run('node', ['--input-type=module', '-e', program], { env: env(), cwd: folder });
  expect(stdout).toBe('function shop\n');
  expect(statSync(path.join(folder, 'node_modules/@windlass/client/dist/index.d.ts')).size).toBeGreaterThan(0);
});
