import { toDomainError } from '../../postgres/clients/postgres-errors.ts';

const of = (code: string | undefined, message = 'what it says\nDETAIL: a secret') =>
  toDomainError(Object.assign(new Error(message), { code }), 'shop');

test.each([
  [undefined, 'Connection terminated unexpectedly'],
  ['ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:5432'],
  ['EPIPE', 'write EPIPE'],
  ['08006', 'connection failure'],
  ['53300', 'sorry, too many clients already'],
  ['53200', 'out of memory'],
  ['57P03', 'the database system is starting up'],
  ['57014', 'canceling statement due to statement timeout'],
  ['40P01', 'deadlock detected'],
  ['55P03', 'canceling statement due to lock timeout'],
  ['55006', 'database "shop" is being accessed by other users'],
  ['25006', 'cannot execute CREATE ROLE in a read-only transaction'],
  ['XX000', 'tuple concurrently updated'],
])('%s (%s) may pass', (code, message) => {
  expect(of(code, message)).toMatchObject({ code: 'postgres_unavailable' });
});

test.each([
  ['42601', 'postgres_rejected'],
  ['22023', 'postgres_rejected'],
  ['42501', 'postgres_rejected'],
  ['54000', 'postgres_rejected'],
  ['53400', 'postgres_rejected'],
  ['57P04', 'postgres_rejected'],
  ['28P01', 'postgres_rejected'],
  ['XX001', 'postgres_rejected'],
  ['53100', 'no_space'],
] as const)('%s is final: %s', (code, expected) => {
  expect(of(code)).toMatchObject({ code: expected, details: { sqlState: code } });
});

test('of what Postgres says the first line is told', () => {
  expect(of('42601').message).toBe("Postgres refused a statement in database 'shop': what it says");
});
