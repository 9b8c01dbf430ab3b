// Bundles the replicator, and what compares nodes, into one file each, with the packages they use: node bundle.mjs FOLDER (after a build). Equal sources make equal files.
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node bundle.mjs FOLDER');

/** What packages in the old format take for granted. */
const banner = [
  `import { createRequire } from 'node:module';`,
  'const require = createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

const { resolve } = createRequire(import.meta.url);

await build({
  entryPoints: { replicator: resolve('./dist/main.js'), compare: resolve('./dist/compare-main.js') },
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  banner: { js: banner },
  external: ['pg-native'],
  legalComments: 'none',
  logLevel: 'warning',
});

// Postgres' parser looks for its WebAssembly beside the program.
const parser = createRequire(new URL('../../packages/data/package.json', import.meta.url)).resolve('libpg-query');
const WASM = 'libpg-query.wasm';
copyFileSync(path.join(path.dirname(parser), WASM), path.join(folder, WASM));
