import type { Finding } from '@windlass/resources/engine';
import type { PlanFocus } from '../focus-plan.ts';
import {
  about,
  app,
  at,
  backups,
  conf,
  disk,
  drifted,
  from,
  hourly,
  missing,
  nightly,
  on,
  pair,
  reader,
  single,
  swarm,
  three,
} from './golden-specs.ts';
import type { World } from './golden-world.ts';

/** Something a user or the world does to a database. */
export interface Change {
  /** Name of its file. */
  readonly name: string;
  readonly what: string;
  /** Absent: it is created. */
  readonly before?: World;
  /** Absent: it is deleted. */
  readonly after?: World;
  readonly findings?: readonly Finding[];
  /** Hosts that do not answer. */
  readonly away?: readonly string[];
  /** Those of them that will not come back. */
  readonly gone?: readonly string[];
  readonly image?: string;
  readonly purgeBackups?: boolean;
  readonly only?: PlanFocus;
}

/** Every change whose plan is kept in `golden/`. The primary is the instance on host-1. */
export const CHANGES: readonly Change[] = [
  { name: 'create-one-instance', what: 'a database on one host is declared', after: single() },
  { name: 'create-three-instances', what: 'a database on three hosts is declared', after: three() },
  { name: 'create-from-a-backup', what: 'a database that begins with a backup is declared', after: single(from) },
  { name: 'create-three-from-a-backup', what: 'the same on three hosts', after: three(from) },
  {
    name: 'create-with-scripts',
    what: 'a database with scripts is declared',
    after: single({ scripts: { post_init: ['SELECT 1'], post_database_create: ['SELECT 2'] } }),
  },
  { name: 'nothing-changed', what: 'the same is declared again', before: three(), after: three() },
  { name: 'replica-added', what: 'a third host is added', before: pair(), after: three() },
  { name: 'first-replica-added', what: 'a second host is added to one', before: single(), after: pair() },
  { name: 'replica-removed', what: 'the third host is left out', before: three(), after: pair() },
  {
    name: 'primary-host-removed',
    what: 'the host of the primary is left out',
    before: three(),
    after: on(['host-2', 'host-3']),
  },
  {
    name: 'host-gone-for-good',
    what: 'the third host died and was removed by force',
    before: three(),
    after: pair(),
    away: ['host-3'],
    gone: ['host-3'],
  },
  {
    name: 'host-away',
    what: 'a line of pg_hba.conf is added while the third host does not answer',
    before: three(),
    after: three({ pg_hba_conf: ['host all all 10.0.0.0/8 scram-sha-256'] }),
    away: ['host-3'],
  },
  {
    name: 'minor-upgrade-one-instance',
    what: 'Postgres 17.6 becomes 17.7 on one host',
    before: single(),
    after: single({ postgres_version: '17.7' }),
    image: 'postgres:17.7',
  },
  {
    name: 'minor-upgrade-three-instances',
    what: 'Postgres 17.6 becomes 17.7 on three hosts',
    before: three(),
    after: three({ postgres_version: '17.7' }),
    image: 'postgres:17.7',
  },
  { name: 'first-repository-added', what: 'backups begin', before: three(), after: three(backups()) },
  {
    name: 'second-repository-added',
    what: 'a second repository is added',
    before: single(backups()),
    after: single({ backup_config: { repositories: [disk, { ...disk, id: 'other', base_path: '/other' }] } }),
  },
  { name: 'repository-removed', what: 'backups end', before: three(backups(nightly)), after: three() },
  {
    name: 'schedule-added',
    what: 'a second schedule is added',
    before: three(backups(nightly)),
    after: three(backups(nightly, hourly)),
  },
  {
    name: 'schedule-changed',
    what: 'a schedule gets another time',
    before: three(backups(nightly)),
    after: three(backups({ ...nightly, cron_expression: '0 3 * * *' })),
  },
  {
    name: 'schedule-removed',
    what: 'one of two schedules is left out',
    before: three(backups(nightly, hourly)),
    after: three(backups(nightly)),
  },
  { name: 'user-added', what: 'a user is added', before: three(), after: three({ database_users: [app, reader] }) },
  {
    name: 'user-removed',
    what: 'a user is left out',
    before: three({ database_users: [app, reader] }),
    after: three(),
  },
  {
    name: 'password-changed',
    what: 'a user gets another password',
    before: three(),
    after: three({}, { passwords: { app: 'v2' } }),
  },
  {
    name: 'attribute-changed',
    what: 'a user gets an attribute',
    before: three(),
    after: three({ database_users: [{ ...app, attributes: ['LOGIN', 'CREATEDB'] }] }),
  },
  {
    name: 'owner-changed',
    what: 'the database gets another owner',
    before: three({ database_users: [app, reader] }),
    after: three({
      database_users: [
        { ...app, db_owner: false },
        { ...reader, db_owner: true },
      ],
    }),
  },
  {
    name: 'setting-reloads',
    what: 'a setting changes that needs no restart',
    before: three(),
    after: three(conf({ work_mem: '8MB' })),
  },
  {
    name: 'setting-restarts-one-instance',
    what: 'a setting changes that needs a restart, on one host',
    before: single(),
    after: single(conf({ max_connections: 200 })),
  },
  {
    name: 'setting-restarts-three-instances',
    what: 'a setting changes that needs a restart, on three hosts',
    before: three(),
    after: three(conf({ max_connections: 200 })),
  },
  {
    name: 'setting-lowers-a-limit',
    what: 'a limit that standbys must have as well becomes less',
    before: three(conf({ max_connections: 200 })),
    after: three(conf({ max_connections: 100 })),
  },
  {
    name: 'hba-line-added',
    what: 'a line of pg_hba.conf is added',
    before: three(),
    after: three({ pg_hba_conf: ['host all all 10.0.0.0/8 scram-sha-256'] }),
  },
  { name: 'port-changed', what: 'another port is published', before: three(), after: three({ port: 6432 }) },
  {
    name: 'memory-changed',
    what: 'each instance may use more memory',
    before: three({ memory: '1GiB' }),
    after: three({ memory: '2GiB' }),
  },
  {
    name: 'volume-added',
    what: 'a directory of the host is mounted',
    before: three(),
    after: three(swarm({ extra_volumes: [{ host_path: '/srv/shared', destination_path: '/mnt/shared' }] })),
  },
  {
    name: 'network-added',
    what: 'a further network is attached, on one host',
    before: single(),
    after: single(swarm({ extra_networks: [{ id: 'applications' }] })),
  },
  {
    name: 'synchronous-on',
    what: 'a commit waits for one standby',
    before: three(),
    after: three(conf({ synchronous_standby_names: 'ANY 1 (*)' })),
  },
  {
    name: 'synchronous-off',
    what: 'a commit no longer waits for a standby',
    before: three(conf({ synchronous_standby_names: 'ANY 1 (*)' })),
    after: three(),
  },
  {
    name: 'replica-stopped',
    what: 'a replica is stopped',
    before: three(),
    after: three({}, { stopped: [at(2)] }),
    only: about(2),
  },
  {
    name: 'replica-started',
    what: 'a replica is started again',
    before: three({}, { stopped: [at(2)] }),
    after: three(),
    only: { ...about(2), on: 'node' },
  },
  {
    name: 'only-instance-stopped',
    what: 'the only instance is stopped; it has a schedule',
    before: single(backups(nightly)),
    after: single(backups(nightly), { stopped: [at(1)] }),
    only: about(1),
  },
  {
    name: 'service-missing',
    what: 'somebody removed the service of a replica',
    before: three(),
    after: three(),
    findings: [missing('swarm.service', `postgres-${at(2)}`)],
  },
  {
    name: 'role-drifted',
    what: 'somebody changed the attributes of a user',
    before: three(),
    after: three(),
    findings: [drifted('postgres.roles', 'n1', 'roles.app.attributes')],
  },
  {
    name: 'extension-dropped',
    what: 'somebody dropped an extension',
    before: three(),
    after: three(),
    findings: [drifted('postgres.extensions', 'n1:shop', 'names.pg_stat_statements')],
  },
  { name: 'delete', what: 'a database with backups is deleted', before: three(backups(nightly)) },
  {
    name: 'delete-with-backups',
    what: 'a database is deleted together with its backups',
    before: single(backups()),
    purgeBackups: true,
  },
  { name: 'delete-while-a-host-is-away', what: 'a database is deleted', before: three(), away: ['host-3'] },
];
