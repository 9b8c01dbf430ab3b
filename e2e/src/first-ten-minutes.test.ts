import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { call, remove } from './client.ts';
import { forgetHost, startHost } from './hosts.ts';
import { API, ENV, ROOT } from './stack.ts';

const page = readFileSync(path.join(ROOT, 'docs/first-ten-minutes.md'), 'utf8');
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1] ?? '');
const run = promisify(execFile);

beforeAll(() => startHost('host-2', Number(ENV.WINDLASS_PORT_MAX) + 21));
afterAll(async () => {
  await remove('first').catch(() => undefined);
  await forgetHost('host-2');
});

test('what runs is said to be this commit', async () => {
  const git = async (...args: string[]) => (await run('git', args, { cwd: ROOT, encoding: 'utf8' })).stdout.trim();
  const { body } = await call<{ revision: string; revision_time: string }>('GET', '/v1/version');
  expect(body.revision.replace(/\+dirty$/, '')).toBe(await git('rev-parse', '--short', 'HEAD'));
  expect(Date.parse(body.revision_time) / 1000).toBe(Number(await git('log', '-1', '--format=%ct')));
});

test('the commands of docs/first-ten-minutes.md do what the page says, as they are written', async () => {
  const script = ['set -eo pipefail', ...blocks].join('\necho "--"\n');
  const env = { ...ENV, WINDLASS_URL: API, NO_COLOR: '1' };
  const { stdout } = await run('bash', ['-c', script], { cwd: ROOT, env, encoding: 'utf8', timeout: 200_000 });
  const [, hosts, refused, applied, used, switched, restored, undone, deleted] = stdout.split('--\n');
  expect(hosts).toBe('host/host-1\nhost/host-2\n');
  expect(page).toContain(`\`\`\`text\n${refused ?? ''}\`\`\``);
  expect(applied).toBe(
    'database first\n+ create etcd.access::first-n1-689qacsi because it does not exist\ntask …: completed\ndatabase/first\n',
  );
  expect(used).toBe('1000\n');
  expect(switched).toBe('switched\n1001\n');
  expect(restored).toBe('backed up\n1\nrestored\n1001\n');
  expect(undone).toBe('undone\nt\n');
  expect(deleted).toBe('deleted\nwindlass: database not found (not_found)\nstatus 4\n');
}, 220_000);
