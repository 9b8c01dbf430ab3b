// Bundles the command with the packages it uses, so that installing it brings nothing else: node bundle.mjs [folder].
import { bundle } from '../bundle.mjs';

await bundle({
  folder: import.meta.dirname,
  outdir: process.argv[2] ?? 'dist',
  entries: { windlass: 'src/main.ts' },
  extension: '.mjs',
});
