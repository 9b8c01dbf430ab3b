import { auditIntents } from '../../audit/index.ts';
import { ENTITIES } from '../../entity/index.ts';
import { planRecords, resourceRecords } from '../../engine/records.ts';
import {
  backupCatalogues,
  backupChecks,
  comparisons,
  comparisonWishes,
  databaseSpecs,
  instanceStatuses,
  leftoverRecords,
  proposals,
  restoreRecords,
  swapRecords,
} from '../../postgres/records/index.ts';
import { dataKeyRecords } from '../../store/secrets/key-records.ts';
import { portHolders } from '../../store/port-reservations.ts';
import { heartbeats, hostRecords, removalRecords } from '../records/index.ts';
import { keys } from '../../store/keys.ts';
import { taskLogEntries, taskRecords } from '../../tasks/records.ts';
import type { Right } from './accounts.ts';

const OURS = '/windlass/';
const read = (prefix: string): Right => ({ permission: 'Read', prefix: OURS + prefix });
const write = (prefix: string): Right => ({ permission: 'Readwrite', prefix: OURS + prefix });
/** Every kind of which something is kept; those of hosts are none of a host's business. */
const KEPT = ENTITIES.flatMap(({ kind, records }) => (records ? [{ kind, records }] : []));
const writeKey = (key: string): Right => ({ permission: 'Readwrite', key: OURS + key });

/**
 * What the worker of a host needs in etcd: to do steps for any entity, and to tell about itself. It cannot read tokens
 * or members, change what is declared, tell about another host, or make accounts.
 */
export function hostRights(hostId: string): readonly Right[] {
  return [
    read(hostRecords.under()),
    ...KEPT.map(({ records }) => read(records.under())),
    ...[databaseSpecs, planRecords, proposals, restoreRecords, removalRecords].map((records) => read(records.under())),
    // Every transaction begins with a comparison of this key, which never exists.
    read('\0never'),
    read(keys.cluster),
    ...[resourceRecords, instanceStatuses].map((records) => write(records.under())),
    ...KEPT.map(({ kind }) => write(taskRecords.under(kind))),
    write(taskLogEntries.under()),
    ...['database/', 'backups/'].map((some) => write(keys.secret(some))),
    // Says which key seals; the keys themselves a server gives, of what is on the host.
    read(dataKeyRecords.under()),
    write(portHolders.under(hostId)),
    write(leftoverRecords.under(hostId)),
    write(auditIntents.under(hostId)),
    ...[backupCatalogues, backupChecks, swapRecords, comparisons, comparisonWishes].map((records) =>
      write(records.under()),
    ),
    writeKey(hostRecords.key(hostId)),
    writeKey(heartbeats.key(hostId)),
    { permission: 'Read', key: OURS + keys.schema },
    { permission: 'Readwrite', prefix: '/patroni/' },
  ];
}
