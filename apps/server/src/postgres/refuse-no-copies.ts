import { DomainError } from '@windlass/resources/errors';
import { formatIssues } from '@windlass/resources/api';
import { remadeNodes, remakingNodes, sourceIssues, type StoredSpec } from '@windlass/resources/postgres/spec';

/** Refuses to make nodes anew that could not be copies of those that stay. */
export function refuseNoCopies(stored: StoredSpec, names: readonly string[]): void {
  const { spec, nodeSources = {} } = remadeNodes(remakingNodes(stored, names));
  const issues = sourceIssues(spec, nodeSources).filter(
    ({ path: [, at] }) => typeof at === 'number' && names.includes(spec.nodes[at]?.name ?? ''),
  );
  if (issues.length > 0) throw new DomainError('invalid_input', formatIssues(issues));
}
