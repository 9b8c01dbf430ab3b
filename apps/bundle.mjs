// Bundles a program from its TypeScript sources: what is ours in few files instead of some 2,000, so that a start reads little. What is
// loaded late stays a file of its own. Types are checked elsewhere (bin/test, `pnpm run typecheck`).
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** What packages in the old format take for granted. */
const BANNER = [
  `import { createRequire as requireOf } from 'node:module';`,
  'const require = requireOf(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/**
 * Writes a program for each of `entries` (name of the program: its source, seen from `folder`) into `outdir`, which is emptied first.
 * `external` are packages that stay where they are: what they are made of does not end up in a bundle (native code, files they read
 * beside themselves), or they must not be there twice.
 */
export async function bundle({ folder, outdir, entries, external = [], extension = '.js' }) {
  const target = path.resolve(folder, outdir);
  rmSync(target, { recursive: true, force: true });
  await build({
    absWorkingDir: folder,
    entryPoints: entries,
    outdir: target,
    outExtension: { '.js': extension },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@windlass/source'],
    banner: { js: BANNER },
    // Drivers and parts that are optional to the packages that ask for them.
    external: [...external, 'pg-native', 'cpu-features', '*.node'],
    legalComments: 'none',
    logLevel: 'warning',
  });
  return target;
}
