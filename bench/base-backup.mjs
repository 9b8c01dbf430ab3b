// pg_basebackup as a replica makes it, over TLS with a member's certificate; from and to the primary's own disk. Gives the ms it took.
import { containerOf } from './api.mjs';
import { sh } from './stack.mjs';

export async function baseBackup(service) {
  const container = await containerOf(service);
  const certs = '/windlass/certs';
  const dsn = `host=${service} user=patroni_replicator sslmode=verify-ca sslcert=${certs}/server.crt sslkey=${certs}/server.key sslrootcert=${certs}/ca.crt`;
  const copy = '/windlass/data/bench-copy';
  const command = ['pg_basebackup', '-d', dsn, '-D', copy, '-X', 'stream', '-c', 'fast'];
  const begun = performance.now();
  await sh('docker', ['exec', container, ...command]);
  const ms = performance.now() - begun;
  await sh('docker', ['exec', container, 'rm', '-rf', copy]);
  return ms;
}
