import { about, at, backups, drifted, missing, nightly, pair, single, three } from './golden-specs.ts';
import type { Change } from './golden-world.ts';

/** What happens to a database or is asked of it besides its spec, and its end. */
export const EVENTS: readonly Change[] = [
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
