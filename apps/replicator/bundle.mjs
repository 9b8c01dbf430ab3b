// Bundles the replicator, and what compares nodes, with the packages they use: node bundle.mjs [folder]. Equal sources make equal files.
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bundle } from '../bundle.mjs';

const target = await bundle({
  folder: import.meta.dirname,
  outdir: process.argv[2] ?? 'dist',
  entries: { replicator: 'src/main.ts', compare: 'src/compare-main.ts' },
  extension: '.mjs',
});

// Postgres' parser looks for its WebAssembly beside the program.
const parser = createRequire(new URL('../../packages/data/package.json', import.meta.url)).resolve('libpg-query');
const WASM = 'libpg-query.wasm';
copyFileSync(path.join(path.dirname(parser), WASM), path.join(target, WASM));
