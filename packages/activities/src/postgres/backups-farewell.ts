import { NODE_OF_STANZA, specsAmong } from './stored-specs.ts';
import type { ResourceRecord } from '@windlass/resources/records';

/** Names of the nodes that have backups. */
export const backedUp = (records: readonly ResourceRecord[]): string[] =>
  specsAmong(records, NODE_OF_STANZA).map(({ nodeName }) => nodeName);

/** A delete says what becomes of the backups. */
export function backupsFarewell(current: readonly ResourceRecord[], wish: object): string[] {
  const purged = 'purgeBackups' in wish && wish.purgeBackups === true;
  return backedUp(current).map((name) =>
    purged ? `the backups of node ${name} are removed` : `the backups of node ${name} are kept in its repositories`,
  );
}
