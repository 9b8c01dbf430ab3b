import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { remove } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { API, ENV, HOST, ROOT } from './stack.ts';

const page = readFileSync(path.join(ROOT, 'docs/multi-active.md'), 'utf8');
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1] ?? '');
const run = promisify(execFile);

beforeAll(async () => {
  await startHost('host-2', Number(ENV.WINDLASS_PORT_MAX) + 1);
  await startHost('host-3', Number(ENV.WINDLASS_PORT_MAX) + 11);
});
afterAll(async () => {
  await remove('several').catch(() => undefined);
  await Promise.all([forgetHost('host-2'), forgetHost('host-3')]);
});

test('the commands of docs/multi-active.md do what the page says, as they are written', async () => {
  const script = ['set -e', ...blocks].join('\necho "--"\n');
  const env = { ...ENV, API, H1: HOST, H2: 'host-2', H3: 'host-3' };
  const { stdout } = await run('bash', ['-c', script], { env, encoding: 'utf8', timeout: 400_000 });
  const [, , declared, everywhere, conflict, added, killed, compared, removed] = stdout.split('--\n');
  expect(declared).toBe('create\ncompleted\n');
  expect(everywhere).toBe('300|300\n');
  expect(conflict).toBe('of n2\nof n2\n1\n');
  expect(added).toBe('update\ncompleted\n100\n');
  expect(killed).toBe('2\n');
  expect(compared).toBe('12\ncompare_nodes\ncompleted\ntrue\n');
  expect(removed).toBe('update\ncompleted\ndelete\ncompleted\n');
}, 420_000);
