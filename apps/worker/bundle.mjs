// Bundles the worker and the programs beside it: node bundle.mjs [folder].
import { bundle } from '../bundle.mjs';

await bundle({
  folder: import.meta.dirname,
  outdir: process.argv[2] ?? 'dist',
  entries: Object.fromEntries(
    ['main', 'main-join', 'main-remove-wall', 'main-simulated', 'main-with-failpoints'].map((name) => [
      name,
      `src/${name}.ts`,
    ]),
  ),
  external: ['@temporalio/*', '@windlass/workflows/bundle', 'etcd3', '@grpc/grpc-js', 'libpg-query'],
});
