import { createHash } from 'node:crypto';
import { canonicalJson } from '../engine/hash.ts';
import type { AuditEvent, AuditLine, AuditMark } from './shapes.ts';

/** Before the first line. */
export const GENESIS: AuditMark = { seq: 0, hash: '0'.repeat(64) };

/** SHA-256 of everything a line says but the hash itself, as JSON with sorted keys. */
export function hashOfLine({ hash: _own, ...said }: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(canonicalJson(said)).digest('hex');
}

/** The line that comes after another one. */
export function nextLine(before: AuditMark, event: AuditEvent): AuditLine {
  const said = { ...event, seq: before.seq + 1, previous: before.hash };
  return { ...said, hash: hashOfLine(said) };
}
