export { AuditChain, type AuditEntry } from './chain.ts';
export { changesBetween } from './changes.ts';
export { checkAudit, type AuditEnding, type AuditOpening, type AuditVerdict } from './check.ts';
export { doingWrite, originOf, type AuditedTask, type OwnDoing } from './intents.ts';
export { auditIntents, auditLines, auditMarks, BY_SERVERS, lineId } from './records.ts';
export {
  AUDIT_ACTORS,
  auditLine,
  auditMark,
  type AuditChange,
  type AuditEvent,
  type AuditIntent,
  type AuditLine,
  type AuditMark,
} from './shapes.ts';
export { GENESIS } from './seal.ts';
export { AUDIT_KEPT, trimAudit, type AuditKept } from './trim.ts';
