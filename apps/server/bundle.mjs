// Bundles the API server and the programs beside it: node bundle.mjs [folder].
import { bundle } from '../bundle.mjs';

await bundle({
  folder: import.meta.dirname,
  outdir: process.argv[2] ?? 'dist',
  entries: Object.fromEntries(['main', 'main-namespace', 'audit-check-main'].map((name) => [name, `src/${name}.ts`])),
  external: ['@temporalio/*', '@fastify/swagger-ui', 'etcd3', '@grpc/grpc-js', 'libpg-query'],
});
