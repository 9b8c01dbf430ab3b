import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { API, ENV, ROOT } from './stack.ts';

const blocks = [...readFileSync(path.join(ROOT, 'docs/restore.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
  (m) => m[1] ?? '',
);

test('the commands of docs/restore.md do what the page says, as they are written', () => {
  const script = ['set -e', ...blocks].join('\necho "--"\n');
  const printed = execFileSync('bash', ['-c', script], { env: { ...ENV, API }, encoding: 'utf8' });
  const [, , declared, restored, undone, copied] = printed.split('--\n');
  expect(declared).toBe('create\ncompleted\nnode_backup\ncompleted\n');
  expect(restored).toBe('restore\nrestoring\ncompleted\n10000\n');
  expect(undone).toBe('undo_restore\ncompleted\nt\n');
  expect(copied).toBe('create\ncompleted\n10000\ndelete\ncompleted\ndelete\ncompleted\n');
});
