import type { Finding } from '@windlass/resources/engine';
import { instanceId, type DatabaseSpec } from '@windlass/resources/postgres/spec';
import type { PlanFocus } from '../postgres/focus-plan.ts';
import { DATABASE, type World } from './golden-world.ts';

/** The instance of node n1 on a host. */
export const at = (host: number): string => instanceId(DATABASE, 'n1', `host-${String(host)}`);

const ALL = ['host-1', 'host-2', 'host-3'];
export const app = { username: 'app', db_owner: true, attributes: ['LOGIN'] };
export const reader = { username: 'reader', attributes: ['LOGIN'], roles: ['pg_read_all_data'] };
export const disk = { id: 'disk', type: 'posix' as const, base_path: '/backups' };
export const nightly = { id: 'nightly', type: 'full' as const, cron_expression: '0 2 * * *' };
export const hourly = { id: 'hourly', type: 'incr' as const, cron_expression: '0 * * * *' };

type Spec = Partial<DatabaseSpec>;
/** A database with these hosts. */
export const on = (hosts: readonly string[], more: Spec = {}, rest: Omit<Partial<World>, 'spec'> = {}): World => ({
  spec: {
    database_name: 'shop',
    postgres_version: '17.6',
    port: 5432,
    nodes: [{ name: 'n1', host_ids: [...hosts] }],
    database_users: [app],
    ...more,
  },
  passwords: { app: 'v1' },
  ...rest,
});
export const single = (more: Spec = {}, rest: Omit<Partial<World>, 'spec'> = {}) => on(['host-1'], more, rest);
export const pair = (more: Spec = {}, rest: Omit<Partial<World>, 'spec'> = {}) => on(['host-1', 'host-2'], more, rest);
export const three = (more: Spec = {}, rest: Omit<Partial<World>, 'spec'> = {}) => on(ALL, more, rest);
/** Several nodes, each on the host of its number, the first with a replica on host-3; numbered as if there had always been three. */
export const nodes = (...numbers: number[]): World =>
  on(
    [],
    {
      port: 0,
      nodes: numbers.map((n) => ({
        name: `n${String(n)}`,
        host_ids: n === 1 ? ['host-1', 'host-3'] : [`host-${String(n)}`],
      })),
    },
    { numbers: { current: { n1: 1, n2: 2, n3: 3 }, given: [1, 2, 3] } },
  );
/** With nodes that are copies of others. */
export const copied = (world: World, sources: NonNullable<World['sources']>): World => ({ ...world, sources });
export const conf = (postgresql_conf: DatabaseSpec['postgresql_conf']): Spec => ({ postgresql_conf });
export const swarm = (options: NonNullable<DatabaseSpec['orchestrator_opts']>['swarm']): Spec => ({
  orchestrator_opts: { swarm: options },
});
export const backups = (...schedules: (typeof nightly | typeof hourly)[]): Spec => ({
  backup_config: { repositories: [disk], schedules },
});
export const scripts: Spec = { scripts: { post_init: ['SELECT 1'], post_database_create: ['SELECT 2'] } };
/** It begins with a backup of another database. */
export const from = {
  restore_config: {
    source_database_id: 'storefront',
    source_node_name: 'n1',
    source_database_name: 'shop',
    repository: disk,
  },
};
/** A refresh did not find it. */
export const missing = (kind: string, id: string): Finding => ({ ref: { kind, id }, missing: true, drift: [] });
/** A refresh found it changed. */
export const drifted = (kind: string, id: string, ...drift: string[]): Finding => ({
  ref: { kind, id },
  missing: false,
  drift,
});
/** That an instance is stopped or started. */
export const about = (host: number): PlanFocus => ({
  instanceId: at(host),
  nodeName: 'n1',
  scope: 'shop:n1',
  on: 'container',
});
