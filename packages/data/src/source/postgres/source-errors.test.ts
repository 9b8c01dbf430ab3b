import { DomainError } from '@windlass/error-table';
import { ProtocolError } from './protocol-error.ts';
import { toSourceError, type Doing } from './source-errors.ts';

const failure = (code: string | undefined, message = 'said'): Error => Object.assign(new Error(message), { code });

describe('toSourceError', () => {
  it.each([
    ['ENOTFOUND', '', 'dns'],
    ['ECONNREFUSED', '', 'refused'],
    ['ETIMEDOUT', '', 'timeout'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', '', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', '', 'tls'],
    ['28P01', '', 'auth'],
    ['28000', '', 'auth'],
    ['57P01', '', 'closed'],
    ['ECONNRESET', '', 'closed'],
    ['EPIPE', '', 'closed'],
    [undefined, 'timeout expired', 'timeout'],
    [undefined, 'The server does not support SSL connections', 'tls'],
    [undefined, 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'auth'],
    [undefined, 'Connection terminated unexpectedly', 'closed'],
  ])('says why a connection failed: %s %s', (code, message, reason) => {
    expect(toSourceError(failure(code, message), 'login')).toMatchObject({
      code: 'connection_failed',
      details: { reason },
    });
  });

  it.each<[string, Doing, string]>([
    ['55006', 'start', 'slot_in_use'],
    ['55000', 'start', 'slot_lost'],
    ['55000', 'stream', 'slot_lost'],
    ['55000', 'createSlot', 'source_not_ready'],
    ['42704', 'start', 'slot_lost'],
    ['42704', 'stream', 'source_not_ready'],
    ['42710', 'createSlot', 'resource_not_owned'],
    ['42501', 'login', 'source_not_ready'],
    ['3D000', 'login', 'source_not_ready'],
    ['53400', 'createSlot', 'source_not_ready'],
    ['22023', 'start', 'postgres_rejected'],
  ])('knows what %s means in %s', (sqlstate, doing, code) => {
    expect(toSourceError(failure(sqlstate), doing)).toMatchObject({ code, message: 'said', details: { sqlstate } });
  });

  it('looks at the first of several', () => {
    const several = new AggregateError([failure('ECONNREFUSED', 'no'), failure('ENETUNREACH')], '');
    expect(toSourceError(several, 'login')).toMatchObject({
      details: { reason: 'refused' },
      message: expect.stringMatching(/: no$/) as unknown,
    });
  });

  it('leaves alone what is known', () => {
    const errors = [new ProtocolError('x'), new DomainError('no_space')];
    expect(errors.map((err) => toSourceError(err, 'stream'))).toEqual(errors);
  });
});
