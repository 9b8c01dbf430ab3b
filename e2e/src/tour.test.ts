import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { API, ENV, ROOT } from './stack.ts';

const blocks = [...readFileSync(path.join(ROOT, 'docs/tour.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
  (m) => m[1] ?? '',
);

test('the commands of docs/tour.md do what the page says, as they are written', () => {
  const script = ['set -e', ...blocks].join('\necho "--"\n');
  const printed = execFileSync('bash', ['-c', script], { env: { ...ENV, API }, encoding: 'utf8' });
  const [, , declared, changed, repaired, canceled, deleted] = printed.split('--\n');
  expect(declared).toMatch(/^create\ncompleted\nCREATE TABLE\nINSERT 0 1\n$/);
  expect(changed).toContain('update postgres.roles::n1 because its spec changed (roles)');
  expect(changed).toMatch(/update\ncompleted\nit works\n24MB\n$/);
  expect(repaired).toMatch(/^swarm.service::postgres-tour-n1-\w+\nupdate\ncompleted\nit works\n$/);
  expect(canceled).toMatch(/^canceling\ncanceled\n$/);
  expect(deleted).toMatch(/^delete\ncompleted\n404\n$/);
});
