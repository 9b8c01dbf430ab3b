import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { API, ENV, ROOT } from './stack.ts';

const blocks = [...readFileSync(path.join(ROOT, 'docs/backup.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
  (m) => m[1] ?? '',
);

test('the commands of docs/backup.md do what the page says, as they are written', () => {
  const script = ['set -e', ...blocks].join('\necho "--"\n');
  const printed = execFileSync('bash', ['-c', script], { env: { ...ENV, API }, encoding: 'utf8' });
  const [, , declared, taken, verified, status, ended] = printed.split('--\n');
  expect(declared).toMatch(
    /^schedule 'every minute' of node n1 runs next at (?:\S+Z,? ?){3}\nschedule 'proof' of node n1 runs next at (?:\S+T03:30:00Z,? ?){3}\ncreate\ncompleted\n$/,
  );
  expect(taken).toBe('completed\ntrue\n');
  expect(verified).toBe('["full",true,true]\n');
  expect(status).toBe('["completed",true,null]\n');
  expect(ended).toBe('update\ncompleted\nupdate\ncompleted\n1\ndelete\ncompleted\n');
});
