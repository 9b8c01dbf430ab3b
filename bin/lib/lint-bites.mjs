// Shows that the lint rules about stored records bite: in every workspace that keeps to them, and in every room that is let off
// a part of them, lines that break them are written and must be refused, each by its sentence.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import config from '../../eslint.config.js';

const root = new URL('../../', import.meta.url);
const KEY = 'The key of a stored record is made by its collection.';
const CAST = 'A stored value is read through its collection: get, list, row, parse.';
const JSON_CAST = 'JSON is parsed by a schema: a cast only hopes.';

const LINES = [
  [KEY, `await kv.get('hosts/a');`],
  [KEY, 'await kv.list(`databases/${value}/`);'],
  [KEY, 'await kv.list(`task-logs/`);'],
  [CAST, 'value as Thing;'],
  [CAST, 'row.value as Thing;'],
  [CAST, 'row?.value as Thing | undefined;'],
  [CAST, '(row.value as unknown as Thing).a;'],
  [JSON_CAST, 'JSON.parse(text) as Thing;'],
];
const HEAD = `interface Thing { readonly a: string }
declare const kv: { get(key: string): Promise<void>; list(key: string): Promise<void> };
declare const [value, row, text]: [unknown, { readonly value: unknown }, string];
export {};`;

/** A folder of each, and what is not refused there. */
const typed = config.find(({ rules = {} }) => 'no-restricted-syntax' in rules).files;
const places = [
  ...typed.map((pattern) => [pattern.replace('/**/*.ts', ''), []]),
  ['packages/resources/src/platform/clients', [JSON_CAST]],
  ['packages/resources/src/store', [CAST, JSON_CAST]],
  ['packages/resources/src/postgres/spec', [CAST, JSON_CAST]],
];

const bad = places.map(([folder, free]) => ({ file: `${folder}/zz-wrong-lint.ts`, free }));
function messages() {
  try {
    const lines = [HEAD, ...LINES.map(([, line]) => line)].join('\n');
    for (const { file } of bad) writeFileSync(new URL(file, root), `${lines}\n`);
    const args = ['exec', 'eslint', '--format', 'json', ...bad.map(({ file }) => file)];
    const { stdout } = spawnSync('pnpm', args, { cwd: root, maxBuffer: 2 ** 30, encoding: 'utf8' });
    return JSON.parse(stdout);
  } finally {
    for (const { file } of bad) rmSync(new URL(file, root), { force: true });
  }
}

const first = HEAD.split('\n').length + 1;
const answers = messages();
let refused = 0;
let wrong = 0;
for (const { file, free } of bad) {
  const said = answers.find(({ filePath }) => filePath.endsWith(file))?.messages ?? [];
  for (const [at, [message, line]] of LINES.entries()) {
    const found = said.some((one) => one.line === first + at && one.message === message);
    if (found !== free.includes(message)) refused += found ? 1 : 0;
    else {
      wrong += 1;
      console.error(`${file}: ${found ? 'refused' : 'not refused'}: ${line}`);
    }
  }
}
console.log(`${refused} wrong lines about stored records refused`);
process.exitCode = wrong === 0 ? 0 : 1;
