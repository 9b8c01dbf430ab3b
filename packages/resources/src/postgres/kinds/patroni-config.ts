import { stringify } from 'yaml';
import { z } from 'zod';
import { DomainError } from '../../errors/index.ts';
import type { Context } from '../../engine/resource.ts';
import type { Clients } from '../clients/ports.ts';
import { certificates } from './certificates.ts';
import { defineResource } from './define.ts';
import { directories, instancePath } from './directories.ts';
import { etcdAccess, etcdPasswordSecret } from './etcd-access.ts';
import { identity } from './identity.ts';
import { PGOPTIONS } from '../spec/own-sessions.ts';
import { CONFIG_FILE, STANZA } from '../inside/pgbackrest-file.ts';
import { reloadPatroni } from '../inside/reload-patroni.ts';
import { SYSTEM_REPLICATOR, SYSTEM_REWINDER, SYSTEM_SUPERUSER } from '../inside/system-names.ts';

const spec = z.strictObject({
  instanceId: z.string(),
  hostId: z.string(),
  scope: z.string(),
  hostname: z.string(),
  postgresMajor: z.int(),
});
type Spec = z.output<typeof spec>;

/** `patroni.yaml`: what Patroni must know before it can read its cluster's settings from etcd. Mode 0600: it holds the etcd password. */
export const patroniConfig = defineResource({
  kind: 'patroni.config',
  version: 1,
  spec,
  status: z.strictObject({ file: z.string() }),
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [
    { ref: directories.ref(s.instanceId) },
    { ref: certificates.ref(s.instanceId) },
    { ref: etcdAccess.ref(s.instanceId), output: true },
    { ref: identity.ref(s.scope) },
  ],
  within: (s) => directories.ref(s.instanceId),

  async refresh(prior, context) {
    const file = fileOf(prior.spec);
    const found = await context.clients.files.read(file);
    if (found === undefined) return undefined;
    return { status: { file }, drift: found === (await render(prior.spec, context)) ? [] : ['content'] };
  },
  async create(s, context) {
    if ((await context.clients.dcs.initialized(s.scope)) === undefined) {
      await context.clients.files.write(seedFile(s.instanceId), context.status(identity.ref(s.scope)).systemIdentifier);
    }
    return write(s, context);
  },
  async update(s, _prior, context) {
    const status = await write(s, context);
    await reloadPatroni(context.clients, s.hostname);
    return status;
  },
  async delete(prior, { clients }) {
    await clients.files.removeTree(fileOf(prior.spec));
  },
});

/** Says that a member without data may begin with the image's: only while the node has no data anywhere. */
export const seedFile = (instanceId: string): string => `${instancePath(instanceId)}/config/seed`;

const fileOf = (s: Spec): string => `${instancePath(s.instanceId)}/config/patroni.yaml`;

async function write(s: Spec, context: Context<Clients>): Promise<{ file: string }> {
  const file = fileOf(s);
  const content = await render(s, context);
  if ((await context.clients.files.read(file)) !== content) await context.clients.files.write(file, content);
  return { file };
}

/** Whether the last attempt to archive failed. */
const IS_FAILING =
  'SELECT coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL) FROM pg_catalog.pg_stat_archiver';

/**
 * A repository on the host's own disk is another one at each member: whoever becomes the primary makes its stanza there, else
 * nothing would be archived from then on. Only where archiving fails: pgBackRest archives nothing while it makes a stanza. $2 is
 * the role, as Patroni 3 or 4 calls it.
 */
const ON_ROLE_CHANGE = [
  `case $2 in master | primary) ;; *) exit 0 ;; esac`,
  `export PGOPTIONS="${PGOPTIONS}"`,
  `ask() { psql -X -h /tmp -U ${SYSTEM_SUPERUSER} -d postgres -Atqc "$1"; }`,
  `for attempt in $(seq 60); do`,
  `sleep 1`,
  `test -e ${CONFIG_FILE} || exit 0`,
  `[ "$(ask "${IS_FAILING}")" = t ] || continue`,
  `for command in stanza-create stanza-upgrade; do`,
  `pgbackrest --config=${CONFIG_FILE} --stanza=${STANZA} $command && ask "SELECT pg_catalog.pg_current_xact_id()" && ask "SELECT pg_catalog.pg_switch_wal()" && exit 0`,
  `done`,
  `done`,
].join('\n');

async function render(s: Spec, { clients, owner }: Context<Clients>): Promise<string> {
  const password = await clients.secrets.get(etcdPasswordSecret(owner.entity.id, s.instanceId));
  if (password === undefined)
    throw new DomainError('server_error', `the etcd password of '${s.instanceId}' is missing`);
  const certs = '/windlass/certs';
  const tls = {
    sslmode: 'verify-ca',
    sslcert: `${certs}/server.crt`,
    sslkey: `${certs}/server.key`,
    sslrootcert: `${certs}/ca.crt`,
  };
  return stringify({
    name: s.instanceId,
    scope: s.scope,
    namespace: '/patroni/',
    etcd3: {
      hosts: clients.host.etcdEndpoints.map((url) => new URL(url).host),
      protocol: 'https',
      cacert: `${certs}/ca.crt`,
      cert: `${certs}/etcd.crt`,
      key: `${certs}/etcd.key`,
      username: `instance-${s.instanceId}`,
      password,
    },
    restapi: {
      listen: '0.0.0.0:8008',
      connect_address: `${s.hostname}:8008`,
      cafile: `${certs}/ca.crt`,
      certfile: `${certs}/server.crt`,
      keyfile: `${certs}/server.key`,
      verify_client: 'required',
    },
    ctl: { cacert: `${certs}/ca.crt`, certfile: `${certs}/server.crt`, keyfile: `${certs}/server.key` },
    bootstrap: {
      initdb: ['data-checksums', { encoding: 'UTF8' }, { locale: 'C.UTF-8' }, { username: SYSTEM_SUPERUSER }],
    },
    postgresql: {
      data_dir: '/windlass/data/pgdata',
      bin_dir: `/usr/lib/postgresql/${String(s.postgresMajor)}/bin`,
      bin_name: { initdb: '/usr/local/bin/windlass-initdb' },
      listen: '*:5432',
      connect_address: `${s.hostname}:5432`,
      pgpass: '/tmp/pgpass',
      // Else a copy waits for a checkpoint that Postgres spreads over minutes.
      basebackup: [{ checkpoint: 'fast' }],
      use_unix_socket: true,
      use_unix_socket_repl: true,
      authentication: {
        superuser: { username: SYSTEM_SUPERUSER },
        replication: { username: SYSTEM_REPLICATOR, ...tls },
        rewind: { username: SYSTEM_REWINDER, ...tls },
      },
      use_pg_rewind: true,
      remove_data_directory_on_rewind_failure: true,
      parameters: { unix_socket_directories: '/tmp' },
      callbacks: { on_role_change: `sh -c '${ON_ROLE_CHANGE}' on_role_change` },
    },
    watchdog: { mode: 'off' },
  });
}
