import { backupSchedule } from './backup-schedule.ts';
import { certificates } from './certificates.ts';
import { database } from './database.ts';
import { directories } from './directories.ts';
import { etcdAccess } from './etcd-access.ts';
import { extensions } from './extensions.ts';
import { hostPort } from './host-port.ts';
import { identity } from './identity.ts';
import { instance } from './instance.ts';
import { members } from './members.ts';
import { network } from './network.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { patroniConfig } from './patroni-config.ts';
import { pgbackrestConfig } from './pgbackrest-config.ts';
import { pgbackrestStanza } from './pgbackrest-stanza.ts';
import { replicationCertificates } from './replication-certificates.ts';
import { replicationCopy } from './replication-copy.ts';
import { replicationSchema } from './replication-schema.ts';
import { replicationService } from './replication-service.ts';
import { replicationSlots } from './replication-slots.ts';
import { replicationStreams } from './replication-streams.ts';
import { restoredData } from './restored-data.ts';
import { roles } from './roles.ts';
import { script } from './script.ts';
import { service } from './service.ts';
import { settings } from './settings.ts';
import { trial } from './trial.ts';

/** Every kind there is. A test fails when a file beside this one is not listed. */
export const kinds = [
  backupSchedule,
  certificates,
  database,
  directories,
  etcdAccess,
  extensions,
  hostPort,
  identity,
  instance,
  members,
  network,
  patroniCluster,
  patroniConfig,
  pgbackrestConfig,
  pgbackrestStanza,
  replicationCertificates,
  replicationCopy,
  replicationSchema,
  replicationService,
  replicationSlots,
  replicationStreams,
  restoredData,
  roles,
  script,
  service,
  settings,
  trial,
] as const;

export {
  backupSchedule,
  hostPort,
  instance,
  patroniConfig,
  pgbackrestConfig,
  pgbackrestStanza,
  replicationCopy,
  replicationService,
  replicationStreams,
  roles,
  service,
};
export { backupsPath, instancePath } from './directories.ts';
export { reloadCertificates, renewCertificates } from './certificates.ts';
export { renewReplicatorCertificate } from './replication-certificates.ts';
export { lacksStanza, makeStanza } from './pgbackrest-stanza.ts';
export { awaitInstance } from './instance.ts';
export { untilReady } from './until-ready.ts';
