import { formatIssues } from '@windlass/resources/api';
import { DomainError } from '@windlass/resources/errors';
import type { StoredDatabase } from './read-database.ts';

export const namesOf = ({ stored }: Pick<StoredDatabase, 'stored'>): string[] =>
  stored.spec.nodes.map(({ name }) => name);

/** Refuses a database with one node, one that is deleted, and the name of a node it has not. */
export function refuseOthers(before: StoredDatabase, named: Readonly<Record<string, string | undefined>>): void {
  if (before.record.state === 'deleting') throw new DomainError('database_not_modifiable');
  const names = namesOf(before);
  if (names.length < 2)
    throw new DomainError('invalid_input', 'the database has one node: there is nothing to replicate');
  const issues = Object.entries(named).flatMap(([field, name]) =>
    name === undefined || names.includes(name)
      ? []
      : [{ path: [field], message: `'${name}' is no node of the database: it has ${names.join(', ')}` }],
  );
  if (issues.length > 0) throw new DomainError('invalid_input', formatIssues(issues));
}
