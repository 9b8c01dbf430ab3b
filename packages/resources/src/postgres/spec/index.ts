export * from './database.ts';
export * from './units.ts';
export * from './identity.ts';
export * from './own-names.ts';
export { lengthOf, MAX_SPEC_BYTES, NAME_LIMITS, type NameLimit } from './limits.ts';
export * from './scram.ts';
export { loadSqlParser, sqlError } from './sql.ts';
export {
  crossRules,
  parseStrict,
  validateCreateRequest,
  validateSpec,
  validateUpdateRequest,
  type Invalid,
} from './validate.ts';
export type { ServiceContext } from './rules-service.ts';
export { AuthLineError, type AuthField, type AuthToken } from './hba.ts';
export { parseHbaLine, parseIdentLine, type HbaEntry, type IdentEntry } from './hba-line.ts';
export { parseRoleAttribute, ROLE_ATTRIBUTES, type RoleAttribute } from './user.ts';
export { isReservedRole } from './primitives.ts';
export { isOwnedSetting } from './settings.ts';
export { versionRules } from './rules-version.ts';
export { effectiveNode, type EffectiveNode } from './effective.ts';
export { UNSUPPORTED, unsupportedFields, type Unsupported } from './unsupported.ts';
export { validateUpdate, type UpdateIds } from './update.ts';
export { carryOver } from './carry-over.ts';
export { repositoryIdentity } from './repository-identity.ts';
export { BACKUPS_MOUNT, isOnDisk, repositoryOptions, repositoryPath } from './repository-options.ts';
export { isSecretOption, REPOSITORY_OPTIONS } from './pgbackrest-options.ts';
export {
  repositoryKey,
  repositorySecretName,
  sealRepositories,
  unsealRepositories,
  type RepositorySecret,
  type RepositorySecretFacts,
} from './repository-secrets.ts';
export { isSecretKey, removePasswords, toWireSpec } from './wire.ts';
export { hostImages } from './host-images.ts';
export { applyDefaults, compareVersions, DEFAULT_MAJOR, SPOCK_INTERFACE, type HostVersions } from './defaults.ts';
export * from './api-instance.ts';
export * from './api-database.ts';
export * from './api-backup.ts';
export * from './api-backup-status.ts';
export { CONDITION_TYPES, CONDITIONS, type ConditionType } from './conditions.ts';
export { nextRuns } from './cron.ts';
export * from './api-operation.ts';
export * from './api-replication.ts';
export * from './api-conflicts.ts';
export * from './api-compare.ts';
export * from './api-login.ts';
export * from './api-rotate.ts';
export { keptRotations, nextLogin, otherLogin, takenLogins, type Rotation, type Rotations } from './rotation.ts';
export * from './api-log.ts';
export { compareResult, type ComparedDifference, type CompareResult } from './compare-result.ts';
export { backupOptionRefusal } from './pgbackrest-backup-options.ts';
export * from './api-plan.ts';
export { availableUpgrades, isImage, upgradeSpec, type HostImages } from './upgrade.ts';
export * from './api-restore.ts';
export { futureTarget, validateRestoreRequest } from './validate-restore.ts';
export { originSecretName, restoreConfigOf, sameRestore, sealOrigins } from './seal-origins.ts';
export { sealRestore, type RestoreSource, type SealedOrigin } from './seal-restore.ts';
export { NodeName } from './primitives.ts';
export { isPeerSlot, peerSlot, REPLICATOR_PORT, replicatorService } from './replicator.ts';
export { otherNodes, presentNow, remadeNodes, remakingNodes } from './remade-nodes.ts';
export { nodeSources, sourceIssues, type NodeSource, type NodeSources } from './node-sources.ts';
export { MOST_NUMBERS, numberNodes, type NodeNumbers } from './node-numbers.ts';
export { passwordVersionOf, sealPasswords, type Sealed } from './passwords.ts';
