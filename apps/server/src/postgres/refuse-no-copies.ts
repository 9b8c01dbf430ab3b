import { DomainError } from '@windlass/resources/errors';
import { formatIssues } from '@windlass/resources/api';
import { remadeNodes, remakingNodes, sourceIssues, type StoredSpec } from '@windlass/resources/postgres/spec';

/** Refuses to make nodes anew that could not be copies of those that stay; and while others are away, of which one might be the last that has the data. */
export function refuseNoCopies(stored: StoredSpec, names: readonly string[]): void {
  if (stored.remaking)
    throw new DomainError(
      'operation_refused',
      `${stored.remaking.join(', ')}: made anew, and not back yet; update the database first`,
    );
  const { spec, nodeSources = {} } = remadeNodes(remakingNodes(stored, names));
  const issues = sourceIssues(spec, nodeSources).filter(
    ({ path: [, at] }) => typeof at === 'number' && names.includes(spec.nodes[at]?.name ?? ''),
  );
  if (issues.length > 0) throw new DomainError('invalid_input', formatIssues(issues));
}
