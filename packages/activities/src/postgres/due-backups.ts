import { dueForVerification, type Due } from '@windlass/resources/postgres/backups';
import { backupChecks, type BackupCheck } from '@windlass/resources/postgres/records';
import { readCatalogue, type CatalogueInput } from './backup-catalogue.ts';
import type { ActivityDeps } from '../core/deps.ts';

/** Reads what is in the repositories of a node, and says which backups a scheduled verification is to prove. */
export function findDueBackups(deps: ActivityDeps) {
  const read = readCatalogue(deps);
  return async function findDueBackups(input: CatalogueInput): Promise<Due> {
    const catalogue = await read(input);
    const checks = await backupChecks.list(deps.kv, [input.databaseId, input.nodeName]);
    const proven = checks.filter(({ value }) => isProof(value));
    const tried = proven.map(({ id: [, , repository, label] }) => `${repository}/${label}`);
    return dueForVerification(catalogue, new Set(tried));
  };
}

/** One that could not be verified was never verified. */
const isProof = ({ verified, provenAt }: BackupCheck): boolean => verified !== undefined || provenAt !== undefined;
