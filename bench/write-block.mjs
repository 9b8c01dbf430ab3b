// Replaces what stands between `<!-- bench NAME -->` and `<!-- /bench NAME -->` in docs/performance.md.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './stack.mjs';

const PAGE = path.join(ROOT, 'docs/performance.md');

export async function writeBlock(name, text) {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- /bench ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${name}`);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`);
  execFileSync(path.join(ROOT, 'node_modules/.bin/prettier'), ['--write', PAGE], { stdio: 'ignore' });
}
