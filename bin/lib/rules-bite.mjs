// Shows that every rule of .dependency-cruiser.cjs bites: a module that breaks it is written, and must be refused by that
// rule's name. Every room is shown to refuse each room it may not import. All in one run of dependency-cruiser.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('../../', import.meta.url);
const rooms = JSON.parse(readFileSync(new URL('docs/rooms.json', root), 'utf8'));
const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');

/** The folder of a room's code; inside of `resources` unless it is another workspace. */
const folderOf = (room) =>
  [`packages/${room}/src`, `apps/${room}/src`].find((path) => existsSync(new URL(path, root))) ??
  `packages/resources/src/${room}`;
const inside = Object.keys(rooms).filter((room) => folderOf(room).startsWith('packages/resources/'));
const up = (from) => '../'.repeat(from.split('/').length);
const indexOf = (from, room) =>
  inside.includes(from) ? `${up(from)}${room}/index.ts` : `@windlass/resources/${room === 'engine' ? 'plan' : room}`;

const bad = []; // { rule, file, text }; without a rule: only there for another one
const add = (rule, file, text) => bad.push({ rule, file, text });
for (const [room, allowed] of Object.entries(rooms))
  for (const other of inside.filter((one) => one !== room && !allowed.includes(one)))
    add(
      `${room}-imports-only-what-it-may`,
      `${folderOf(room)}/zz-wrong-${other.replace('/', '-')}.ts`,
      `import '${indexOf(room, other)}';`,
    );

const resources = 'packages/resources/src';
add('no-cycles', `${resources}/postgres/spec/zz-wrong-one.ts`, `import './zz-wrong-two.ts';`);
add(undefined, `${resources}/postgres/spec/zz-wrong-two.ts`, `import './zz-wrong-one.ts';`);
add('workflows-see-activities-as-types', 'packages/workflows/src/zz-wrong.ts', `import '@windlass/activities';`);
add(
  'what-is-pure-uses-only-the-pure-engine',
  `${resources}/postgres/spec/zz-wrong.ts`,
  `import '../../engine/apply.ts';`,
);
add('what-is-pure-uses-only-the-pure-engine', 'apps/server/src/zz-wrong.ts', `import '@windlass/resources/engine';`);
add(
  'the-engine-knows-no-databases',
  `${resources}/engine/zz-wrong.ts`,
  `import type {} from '../postgres/spec/index.ts';`,
);
add(
  'server-never-runs-resources',
  'apps/server/src/zz-wrong-2.ts',
  `import type {} from '@windlass/resources/postgres/kinds';`,
);
for (const [workspace, module] of [
  ['activities', 'postgres/database-work'],
  ['workflows', 'postgres/create-database'],
  ['server', 'postgres/view'],
])
  add(
    `the-core-of-${workspace}-knows-no-domain`,
    `${folderOf(workspace)}/core/zz-wrong-domain.ts`,
    `import type {} from '../${module}.ts';`,
  );
for (const [folder, module] of [
  ['entities', '../hosts/is-gone.ts'],
  ['entities', '@windlass/resources/postgres/spec'],
  ['core', '@windlass/resources/postgres/records'],
])
  add(
    'the-core-of-server-knows-no-domain',
    `apps/server/src/${folder}/zz-wrong-${module.replace(/\W+/g, '-')}.ts`,
    `import type {} from '${module}';`,
  );
add('the-worker-knows-no-postgres', 'apps/worker/src/zz-wrong.ts', `import '@windlass/resources/postgres/inside';`);
add(
  'domains-meet-nowhere-but-at-their-entity',
  `${resources}/platform/clients/zz-wrong-domain.ts`,
  `import type {} from '../../postgres/spec/index.ts';`,
);
add(undefined, 'packages/data/src/zz-wrong-use.ts', '');
add(
  'only-the-clients-of-postgres-know-data',
  `${resources}/store/zz-wrong-data.ts`,
  `import '../../../data/src/zz-wrong-use.ts';`,
);
add(
  'only-the-clients-of-postgres-know-data',
  'packages/workflows/src/zz-wrong-data.ts',
  `import '../../data/src/zz-wrong-use.ts';`,
);
add(
  'a-source-knows-nothing-of-its-use',
  'packages/data/src/source/postgres/zz-wrong.ts',
  `import '../../zz-wrong-use.ts';`,
);
add(
  'what-compares-knows-only-the-rules',
  'packages/data/src/compare/zz-wrong.ts',
  `import '../source/postgres/index.ts';`,
);
for (const [what, module] of [
  ['node', 'node:fs'],
  ['errors', '@windlass/resources/errors'],
  ['source', '../source/postgres/index.ts'],
])
  add('the-rules-of-convergence-are-pure', `packages/data/src/converge/zz-wrong-${what}.ts`, `import '${module}';`);
for (const folder of ['node', 'apply'])
  add(
    'what-is-in-the-database-knows-no-streams',
    `packages/data/src/${folder}/zz-wrong.ts`,
    `import type {} from '../replicate/index.ts';`,
  );
add(
  'the-replicator-needs-data-alone',
  'apps/replicator/src/zz-wrong.ts',
  `import type {} from '@windlass/activities';`,
);
for (const workspace of ['packages/client', 'apps/cli'])
  add(
    'the-client-and-the-command-know-only-the-api',
    `${workspace}/src/zz-wrong-known.ts`,
    `import type {} from '@windlass/resources/api';`,
  );
add('nothing-imports-an-app', 'packages/activities/src/zz-wrong.ts', `import '../../../apps/worker/src/config.ts';`);
add('only-tests-import-testing', `${resources}/postgres/kinds/zz-wrong.ts`, `import '../../testing/index.ts';`);

function violations() {
  try {
    for (const { file, text } of bad) writeFileSync(new URL(file, root), `${text}\nexport {};\n`);
    const args = ['exec', 'depcruise', 'packages', 'apps', '--output-type', 'json'];
    const { stdout } = spawnSync('pnpm', args, { cwd: root, maxBuffer: 2 ** 30, encoding: 'utf8' });
    return JSON.parse(stdout).summary.violations;
  } finally {
    for (const { file } of bad) rmSync(new URL(file, root), { force: true });
  }
}

const found = new Set(violations().map(({ rule, from }) => `${rule.name} ${from}`));
const tried = bad.filter(({ rule }) => rule !== undefined);
const silent = tried.filter(({ rule, file }) => !found.has(`${rule} ${file}`));
const untried = forbidden.filter(({ name }) => !tried.some(({ rule }) => rule === name));
for (const { rule, file, text } of silent) console.error(`${rule} does not refuse ${file}: ${text}`);
for (const { name } of untried) console.error(`${name}: nothing here breaks it`);
console.log(`${tried.length} wrong imports, ${tried.length - silent.length} refused by ${forbidden.length} rules`);
process.exitCode = silent.length + untried.length === 0 ? 0 : 1;
