// Bundles the command with the packages it uses, so that installing it brings nothing else: node bundle.mjs [folder]. What is loaded late stays a file of its own.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const outdir = path.resolve(process.argv[2] ?? fileURLToPath(new URL('dist', import.meta.url)));
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  entryPoints: { windlass: 'src/main.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  conditions: ['@windlass/source'],
  // What packages in the old format take for granted.
  banner: {
    js: `import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);`,
  },
  logLevel: 'warning',
});
