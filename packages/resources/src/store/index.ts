export type * from './kv.ts';
export { keys, restoreSecretName } from './keys.ts';
export { Collection, type Also, type Claim, type Found, type Row, type Under, type Unreadable } from './collection.ts';
export { createMemoryKv } from './memory.ts';
export { Mirror } from './mirror.ts';
export { connectEtcd, openEtcdKv, type EtcdOptions } from './etcd.ts';
export { reach } from './etcd-errors.ts';
export { awaitStore } from './await-store.ts';
export { inBatches } from './batches.ts';
export { migrateStore, STORE_VERSION, type MigrateOptions } from './migrate.ts';
export { fitOf, schemaRecords, type SchemaRecord } from './schema.ts';
export { Heartbeat } from './heartbeat.ts';
export { createSecrets, type SecretsPort } from './secrets/secrets.ts';
export { createSecretBox, type NamedText, type SecretBox, type Sealing } from './secrets/secret-box.ts';
export { createMasterKeys, ensureMasterKey } from './secrets/master-keys.ts';
export { KeyRing, type KeyRingSource } from './secrets/key-ring.ts';
export {
  dataKeyRecords,
  forgetDataKey,
  keyHolders,
  masterKeyRecords,
  wrappedKeyRecords,
} from './secrets/key-records.ts';
export { holdKeys } from './secrets/key-holder.ts';
export {
  beginRotation,
  checkMasterKeys,
  finishRotation,
  firstSealedNames,
  forgetMasterKey,
  holdersOf,
  wrappedBy,
} from './secrets/rotate.ts';
export { ensureDataKey } from './secrets/ensure-data-key.ts';
export type { DataKey, KeySource } from './secrets/key-source.ts';
export { OF_CLUSTER, ownerOf, type KeyOwner } from './secrets/key-owner.ts';
export { canBind, createPorts, portHolders, type PortRange, type PortsPort } from './port-reservations.ts';
