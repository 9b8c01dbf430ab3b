import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finishRotation, KeyRing } from '@windlass/resources/store';
import { partOf } from '@windlass/resources/plan';
import { planRecords } from '@windlass/resources/records';
import { databaseSpecs } from '@windlass/resources/postgres/records';
import { makeCommand, type TestCommand } from './testing/command.ts';
import { openServer, REPLICA, TASK, type TestServer } from './testing/server.ts';
import type { Terminal } from './terminal.ts';

const page = readFileSync(path.join(__dirname, '../../../docs/cli.md'), 'utf8');
const blocks = (language: string) => [...page.matchAll(new RegExp('^```' + language + '\\n(.*?)^```', 'gms'))].map(([, text = '']) => text); // prettier-ignore
const lines = blocks('sh').flatMap((text) => text.trim().split('\n'));

let server: TestServer;
let cli: TestCommand;
/** The one in use, and one that takes its place. */
const masterKeys = KeyRing.of(Buffer.alloc(32, 1), Buffer.alloc(32, 2));
let rotating: NodeJS.Timeout;
beforeEach(async () => {
  server = await openServer();
  cli = makeCommand(server.url);
  const write = (name: string, text: string) => writeFileSync(path.join(cli.cwd, name), text);
  write('shop.yaml', blocks('yaml')[0] ?? '');
  for (const name of ['reader.password', 'lab.token', 'ca.crt']) write(name, 'quiet\n');
  mkdirSync(path.join(cli.cwd, 'bin'));
  for (const name of ['bin/up', 'bin/down']) write(name, '');
  Object.assign(cli.env, { APP_PASSWORD: 'hush-hush', EDITOR: 'true' });
  const { kv, membership } = server.fixture;
  Object.assign(membership, { masterKeys });
  rotating = setInterval(() => void finishRotation(kv, masterKeys), 20); // as the rounds of a server do
  const stored = await databaseSpecs.get(kv, 'shop');
  const spec = {
    ...stored!.value.spec,
    backup_config: { repositories: [{ type: 'posix' as const, base_path: '/b' }] },
  };
  await kv.commit([], [databaseSpecs.put({ ...stored!.value, spec, passwordVersions: { app: 'known' } }, 'shop')]);
});
afterEach(() => {
  clearInterval(rotating);
  return server.close();
});

/** The id of a task that was begun just now, and of its plan. */
async function begun(): Promise<string> {
  const { out } = await cli.windlass(['stop', 'shop', REPLICA, '-o', 'name']);
  const id = out.trim().replace('task/', '');
  const plan = { steps: [], sentences: ['nothing to do'], createdAt: '' };
  await server.fixture.kv.commit([], [planRecords.put(plan, partOf({ kind: 'database', id: 'shop' }), id)]);
  return id;
}

/** The newest line of an audit that has one, as `seq:hash`; an export of it is in `audit.jsonl`. */
async function audited(): Promise<string> {
  await cli.windlass(['token', 'create', 'old', '--role', 'viewer']);
  writeFileSync(path.join(cli.cwd, 'audit.jsonl'), (await cli.windlass(['audit', 'export'])).out);
  const { body } = await server.fixture.call('GET', '/v1/audit');
  const { seq, hash } = body['head'] as { seq: number; hash: string };
  return `${String(seq)}:${hash}`;
}

/** What a line refers to. */
async function named(line: string): Promise<string> {
  if (line.includes('$RUNNING')) return line.replace('$RUNNING', await begun());
  if (line.includes('task plan')) return line.replace('$TASK', await begun());
  if (line.includes('audit')) {
    const mark = await audited();
    return line.replace('$MARK', mark).replace('$LINE', mark.split(':')[0] ?? '');
  }
  if (line.includes('$KEY')) return line.replace('$KEY', masterKeys.ids[1] ?? '');
  if (!line.includes('$TOKEN')) return line.replace('$TASK', TASK);
  await cli.windlass(['token', 'create', 'old', '--role', 'viewer']);
  const { body } = await server.fixture.call('GET', '/v1/tokens');
  const [token] = body['tokens'] as { id: string }[];
  return line.replace('$TOKEN', token?.id ?? '');
}

test('the page shows every command there is', async () => {
  const names = async (...words: string[]): Promise<string[]> =>
    (await cli.windlass(['complete', '--', ...words])).out.split('\n').filter((name) => /^[a-z]/.test(name));
  const all: string[] = [];
  for (const name of await names()) {
    const parts = await names(name);
    all.push(...(parts.length === 0 ? [name] : parts.map((part) => `${name} ${part}`)));
  }
  expect([lines.length > 40, all.filter((command) => !page.includes(`windlass ${command}`))]).toEqual([true, []]);
});

test.each(lines)('%s', async (line) => {
  const [text = '', file] = (await named(line)).split(' > ');
  const [program, ...args] = text.split(' ');
  expect(program).toBe('windlass');
  if (args[1] === 'use') await cli.windlass(['context', 'add', 'lab', '--url', server.url]);
  // Whoever reads events ends that with Ctrl-C.
  const more: Partial<Terminal> = args[0] === 'events' ? { interrupted: AbortSignal.timeout(300) } : {};
  const confirm = () => Promise.resolve(true);
  const { code, out, err } = await cli.windlass(args, { ...more, confirm });
  expect({ code, err }).toEqual({
    code: args[0] === 'events' ? 130 : 0,
    err: args[0] === 'events' ? expect.any(String) : err,
  });
  if (file !== undefined) expect(out).not.toBe('');
});
