import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { toDomainError as convert } from './temporal-errors.ts';

const toDomainError = (err: unknown) => convert(err, '192.0.2.1:7233');
const grpc = (details: string) => Object.assign(new Error(`14 UNAVAILABLE: ${details}`), { details });

test('an error of the domain comes back as itself', () => {
  const failure = ApplicationFailure.nonRetryable('port: 5432 is in use', 'port_in_use');
  const err = toDomainError(new WorkflowFailedError('failed', failure, 'MAXIMUM_ATTEMPTS_REACHED' as never));
  expect([err.code, err.message]).toEqual(['port_in_use', 'port: 5432 is in use']);
});

test('a workflow that ran out of time says that no worker answers', () => {
  const timeout = new TimeoutFailure('timed out', undefined, TimeoutType.START_TO_CLOSE);
  const err = toDomainError(new WorkflowFailedError('failed', timeout, 'TIMEOUT' as never));
  expect([err.code, err.message]).toEqual(['host_unreachable', 'the check did not end in time: no worker answers']);
});

test('a workflow that failed for a reason nobody knows says no more than that', () => {
  const failure = ApplicationFailure.nonRetryable('secret innards', 'TypeError');
  const err = toDomainError(new WorkflowFailedError('failed', failure, 'MAXIMUM_ATTEMPTS_REACHED' as never));
  expect([err.code, err.message]).toEqual(['server_error', 'the check failed']);
});

test('a Temporal that is away is named with the reason, in one line', () => {
  const outer = new Error('Failed to start Workflow', { cause: grpc('connection refused\nand more') });
  const err = toDomainError(outer);
  expect([err.code, err.message]).toEqual([
    'temporal_unavailable',
    'Temporal at 192.0.2.1:7233 does not answer: connection refused',
  ]);
});

test('what Temporal refuses for good is not taken for an outage', () => {
  const refused = Object.assign(new Error('3 INVALID_ARGUMENT'), {
    code: 3,
    details: 'WorkflowId length exceeds limit.',
  });
  const err = toDomainError(new Error('Failed to start Workflow', { cause: refused }));
  expect([err.code, err.message]).toEqual([
    'temporal_refused',
    'Temporal at 192.0.2.1:7233 refuses: WorkflowId length exceeds limit.',
  ]);
});

test('a deadline is told as such, whatever the library says about it', () => {
  const err = toDomainError(
    Object.assign(grpc('Deadline exceeded after 0.000s,waiting for metadata filters'), { code: 4 }),
  );
  expect(err.message).toBe('Temporal at 192.0.2.1:7233 does not answer: no answer in time');
});

test('of a refused connection only that is told', () => {
  const details =
    'No connection established. Last error: Error: connect ECONNREFUSED 192.0.2.1:7233. Resolution note: ';
  expect(toDomainError(grpc(details)).message).toBe(
    'Temporal at 192.0.2.1:7233 does not answer: connect ECONNREFUSED 192.0.2.1:7233',
  );
});
