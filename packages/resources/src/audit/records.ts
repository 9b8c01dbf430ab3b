import { Collection } from '../store/collection.ts';
import { auditIntent, auditLine, auditMark, type AuditIntent, type AuditLine, type AuditMark } from './shapes.ts';

/** `audit/<seq>`, in the order of their numbers. */
export const auditLines = new Collection<AuditLine, [seq: string]>('audit', auditLine);
/** `audit-marks/head`: the last line; `audit-marks/anchor`: the last one that was forgotten. */
export const auditMarks = new Collection<AuditMark, [which: 'head' | 'anchor']>('audit-marks', auditMark);
/** `audit-intents/<origin>/<id>`: a host writes under its own id only. */
export const auditIntents = new Collection<AuditIntent, [origin: string, id: string]>('audit-intents', auditIntent);

/** The origin of what servers do; no host has such an id. */
export const BY_SERVERS = '@servers';

/** Keys in the order of numbers, for more lines than anybody writes. */
export const lineId = (seq: number): string => String(seq).padStart(12, '0');
