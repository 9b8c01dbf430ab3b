import { complaints, isOfSettings, startFailure, timesSaid } from '../inside/start-report.ts';

const AT = '2026-11-26 02:22:18.977 UTC [54]';
const HBA = `${AT} LOG:  starting PostgreSQL 17.12 on x86_64
${AT} LOG:  clientcert can only be configured for "hostssl" rows
${AT} CONTEXT:  line 10 of configuration file "/windlass/data/pgdata/pg_hba.conf"
${AT} FATAL:  could not load /windlass/data/pgdata/pg_hba.conf
${AT} LOG:  database system is shut down`;

describe('startFailure', () => {
  it.each([
    [HBA, 'line 10 of configuration file pg_hba.conf: clientcert can only be configured for "hostssl" rows'],
    [
      `${AT} FATAL:  could not map anonymous shared memory: Cannot allocate memory\n${AT} HINT:  This error usually means…`,
      'could not map anonymous shared memory: Cannot allocate memory',
    ],
    [
      `2026 GMT [1] LOG:  unrecognized configuration parameter "x" in file "/tmp/t/conf" line 20\n2026 GMT [1] FATAL:  configuration file "/tmp/t/conf" contains errors`,
      'unrecognized configuration parameter "x"',
    ],
    [
      'postgres: superuser_reserved_connections (100) plus reserved_connections (0) must be less than max_connections (100)',
      'superuser_reserved_connections (100) plus reserved_connections (0) must be less than max_connections (100)',
    ],
    [
      `${AT} FATAL:  maximum number of prepared transactions reached`,
      'maximum number of prepared transactions reached',
    ],
  ])('%#', (log, reason) => {
    expect(startFailure(log)).toBe(reason);
    expect(isOfSettings(reason)).toBe(true);
  });

  it.each([
    `${AT} app@shop FATAL:  password authentication failed for user "app"`,
    `${AT} [unknown]@[unknown] FATAL:  the database system is starting up`,
    `${AT} FATAL:  could not connect to the primary server: connection refused`,
    `${AT} FATAL:  terminating walreceiver process due to administrator command`,
    '2026-11-26 02:22:18,977 INFO: no action. I am the leader with the lock',
  ])('what a client is told, or a standby that waits: %s', (log) => {
    expect(startFailure(log)).toBeUndefined();
  });

  it('what may pass by itself is not of the settings', () => {
    expect(isOfSettings('could not create any TCP/IP sockets')).toBe(false);
    expect(isOfSettings("requested timeline 3 is not a child of this server's history")).toBe(false);
  });
});

test('the same reason twice is another start that failed', () => {
  expect([timesSaid(HBA), timesSaid(`${HBA}\n${HBA}`), timesSaid('')]).toEqual([1, 2, 0]);
});

test('what is wrong in a file of a Postgres that started all the same', () => {
  const log = `LOG:  invalid regular expression "(": parentheses () not balanced
CONTEXT:  line 5 of configuration file "/tmp/tmp.x/ident"
LOG:  hostssl record cannot match because SSL is disabled
CONTEXT:  line 3 of configuration file "/tmp/tmp.x/hba"`;
  expect(complaints(log)).toEqual([
    'line 5 of configuration file pg_ident.conf: invalid regular expression "(": parentheses () not balanced',
  ]);
  expect(complaints(log.replace(/CONTEXT:  line 5.*\n/, ''))).toEqual([
    'invalid regular expression "(": parentheses () not balanced',
  ]);
});
