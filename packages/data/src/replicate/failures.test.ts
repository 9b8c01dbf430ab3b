import { DomainError } from '@windlass/error-table';
import { judge } from './failures.ts';

const connection = (reason: string): DomainError => new DomainError('connection_failed', 'x', { details: { reason } });

it.each([
  [connection('closed'), 'reading', 'peer_unreachable', false],
  [connection('dns'), 'reading', 'peer_unreachable', false],
  [connection('auth'), 'reading', 'peer_refuses', true],
  [connection('tls'), 'reading', 'peer_refuses', true],
  [new DomainError('no_primary'), 'reading', 'peer_unreachable', false],
  [new DomainError('slot_in_use'), 'reading', 'peer_unreachable', false],
  [new DomainError('slot_lost'), 'reading', 'must_be_rebuilt', true],
  [new DomainError('source_not_ready'), 'reading', 'peer_refuses', true],
  [new DomainError('instance_not_ready'), 'reading', 'peer_refuses', false],
  [new Error('a bug'), 'reading', 'peer_unreachable', false],
  [new Error('no such table'), 'applying', 'apply_stopped', true],
  [new DomainError('invalid_input'), 'applying', 'apply_stopped', true],
  [new DomainError('postgres_unavailable'), 'applying', 'apply_stopped', false],
] as const)('%s while %s: %s', (err, doing, condition, stops) => {
  expect(judge(err, doing)).toMatchObject({ condition, stops });
});
