import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openServer, type TestServer } from './testing/server.ts';

const run = promisify(execFile);
const ROOT = path.join(__dirname, '../../..');
const LIMIT_MS = 300;

let server: TestServer;
let folder: string;
let command: string;
/** Both as strangers get them: packed, and installed where nothing else is. */
beforeAll(async () => {
  server = await openServer();
  folder = mkdtempSync(path.join(tmpdir(), 'windlass-packed-'));
  for (const workspace of ['packages/client', 'apps/cli']) {
    const cwd = path.join(ROOT, workspace);
    await run('pnpm', ['run', 'build'], { cwd });
    await run('npm', ['pack', '--pack-destination', folder], { cwd });
  }
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

test(`its help is there within ${String(LIMIT_MS)} ms`, async () => {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    await run(command, ['--help'], { env: env() });
    times.push(performance.now() - begun);
  }
  // The others may have been disturbed by what else this machine does.
  expect(Math.min(...times)).toBeLessThanOrEqual(LIMIT_MS);
}, 30_000);

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
