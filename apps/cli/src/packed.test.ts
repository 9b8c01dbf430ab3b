import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { partOf } from '@windlass/resources/plan';
import { planRecords } from '@windlass/resources/records';
import { appendLog, taskRecords } from '@windlass/resources/tasks';
import { changeInstance } from '../../server/src/testing/contract-world.ts';
import { openServer, REPLICA, type TestServer } from './testing/server.ts';

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
  const { version } = JSON.parse(readFileSync(path.join(CLI, 'package.json'), 'utf8')) as { version: string };
  expect((await run(command, ['--version'], { env: env() })).stdout).toBe(`${version}\n`);
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

/** What a worker would say every few seconds. */
const seenNow = () => changeInstance(server.fixture, REPLICA, { sampledAt: new Date().toISOString() });

test('a SIGINT leaves the task running, and says how to watch it or cancel it', async () => {
  await seenNow();
  const running = spawn(command, ['stop', 'shop', REPLICA, '--wait'], {
    env: env(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  running.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(running, 'close');
  const tasks = async () => (await server.fixture.call('GET', '/v1/tasks?limit=1')).body['tasks'];
  while (!JSON.stringify(await tasks()).includes('"stop_instance"')) await new Promise(setImmediate);
  running.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(said).toMatch(/goes on\nwatch: windlass task watch (\S+)\ncancel: windlass task cancel \1\n$/);
  expect(await tasks()).toMatchObject([{ status: 'pending' }]);
});

/** The command at a terminal, with everything that was drawn there; `type` is what somebody types. */
function atTerminal(...args: readonly string[]) {
  const running = spawn('script', ['-qefc', `stty rows 40 cols 120; exec ${[command, ...args].join(' ')}`, '/dev/null'], { env: { ...env(), TERM: 'xterm', COLUMNS: '120' } }); // prettier-ignore
  let drawn = '';
  running.stdout.on('data', (chunk: Buffer) => (drawn += chunk.toString()));
  return {
    drawn: () => drawn.replace(/\u001b\[[\d;?]*[a-zA-Z]/g, ''),
    raw: () => drawn,
    type: (text: string) => running.stdin.write(text),
    ended: once(running, 'close').then(([code]) => code as number),
  };
}

async function untilDrawn({ drawn }: { drawn(): string }, words: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!drawn().includes(words)) {
    if (performance.now() > end) throw new Error(`'${words}' is not in ${drawn()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stopBegun() {
  await seenNow();
  const { stdout } = await run(command, ['stop', 'shop', REPLICA, '--force', '-o', 'name'], { env: env() });
  return { scope: 'database' as const, entityId: 'shop', taskId: stdout.trim().replace('task/', '') };
}

test('at a terminal a task is shown by the steps of its plan with their times, and Ctrl-C leaves it running', async () => {
  const { kv } = server.fixture;
  const task = await stopBegun();
  const step = (id: string) => {
    const ref = { kind: 'postgres.role', id };
    return { ref, action: 'create', reason: 'missing', fields: [], executor: { on: 'any' }, after: [] } as const;
  };
  const plan = { steps: ['a', 'b', 'c'].map(step), sentences: [], createdAt: '' };
  await kv.commit([], [planRecords.put(plan, partOf({ kind: 'database', id: 'shop' }), task.taskId)]);
  const log = (id: string, more: object = {}) =>
    appendLog(kv, task, `creating resource postgres.role::${id}`, { resource_type: 'postgres.role', resource_id: id, ...more }); // prettier-ignore
  const left = atTerminal('task', 'watch', task.taskId);
  await log('a');
  await untilDrawn(left, 'create postgres.role b (waits)');
  await log('a', { success: true, duration_ms: 1200 });
  await untilDrawn(left, 'create postgres.role a 1.2 s');
  left.type('\u0003');
  expect(await left.ended).toBe(130);
  expect(left.drawn()).toContain(`watch: windlass task watch ${task.taskId}`);

  const seen = atTerminal('task', 'watch', task.taskId);
  await log('b', { success: false, duration_ms: 300, error: 'no' });
  await untilDrawn(seen, 'create postgres.role b 0.3 s');
  await taskRecords.change(kv, ['database', 'shop', task.taskId], (one) => ({ ...one, status: 'failed', error: 'b could not be made' })); // prettier-ignore
  expect(await seen.ended).toBe(1);
  for (const part of ['create postgres.role c (not done)', 'stop_instance of database shop', 'b could not be made'])
    expect(seen.drawn()).toContain(part);
  expect(seen.raw()).toContain('\u001b[');
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
