import { DomainError, sqlStateOf, type ErrorName } from '@windlass/error-table';
import { ProtocolError } from './protocol-error.ts';

/** What was being done when it failed: the same code of Postgres means different things. */
export type Doing = 'login' | 'command' | 'createSlot' | 'start' | 'stream';
/** Why a connection failed. */
export type ConnectionReason = 'dns' | 'refused' | 'timeout' | 'tls' | 'auth' | 'closed';

const SOCKET: Readonly<Record<string, ConnectionReason>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENOENT: 'refused',
  ETIMEDOUT: 'timeout',
};
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|EPROTO)/;
const INSUFFICIENT_PRIVILEGE = '42501';
const OBJECT_IN_USE = '55006';
const NOT_IN_PREREQUISITE_STATE = '55000';
const UNDEFINED_OBJECT = '42704';
const DUPLICATE_OBJECT = '42710';
const LIMITS = new Set(['53300', '53400']);

/**
 * What went wrong with a source, as an error of ours. Postgres' own message is kept: it says which slot or setting; it holds no row.
 * A `ProtocolError` stays what it is.
 */
export function toSourceError(err: unknown, doing: Doing): Error {
  if (err instanceof DomainError || err instanceof ProtocolError) return err;
  const sqlstate = sqlStateOf(fieldsOf(err));
  return sqlstate === undefined ? connectionFailed(ofSocket(err), err) : ofServer(err, sqlstate, doing);
}

/** `connection_failed` with its reason. */
export function connectionFailed(reason: ConnectionReason, cause?: unknown): DomainError {
  const said = cause === undefined ? '' : `: ${messageOf(cause)}`;
  return new DomainError('connection_failed', `the connection to the source failed (${reason})${said}`, {
    details: { reason },
    cause,
  });
}

function ofServer(err: unknown, sqlstate: string, doing: Doing): DomainError {
  if (sqlstate.startsWith('28')) return connectionFailed('auth', err);
  if (sqlstate.startsWith('57P') || sqlstate.startsWith('08')) return connectionFailed('closed', err);
  return new DomainError(nameOf(sqlstate, doing), messageOf(err), { details: { sqlstate }, cause: err });
}

function nameOf(sqlstate: string, doing: Doing): ErrorName {
  if (sqlstate === OBJECT_IN_USE) return 'slot_in_use';
  if (sqlstate === DUPLICATE_OBJECT) return 'resource_not_owned';
  if (sqlstate === INSUFFICIENT_PRIVILEGE || LIMITS.has(sqlstate) || doing === 'login') return 'source_not_ready';
  if (sqlstate === NOT_IN_PREREQUISITE_STATE) return doing === 'createSlot' ? 'source_not_ready' : 'slot_lost';
  if (sqlstate === UNDEFINED_OBJECT) return doing === 'stream' ? 'source_not_ready' : 'slot_lost';
  return 'postgres_rejected';
}

function ofSocket(err: unknown): ConnectionReason {
  const code = codeOf(err);
  const message = messageOf(err);
  if (code !== undefined && TLS.test(code)) return 'tls';
  if (/\bSSL\b/.test(message)) return 'tls';
  if (/timeout/.test(message)) return 'timeout';
  if (/password|SASL|SCRAM/i.test(message)) return 'auth';
  return (code === undefined ? undefined : SOCKET[code]) ?? 'closed';
}

/** Looks at the fields alone: errors of Node itself are no instances of this module's `Error` everywhere. */
function codeOf(err: unknown): string | undefined {
  const { code, errors } = fieldsOf(err);
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return typeof code === 'string' ? code : undefined;
}

function messageOf(err: unknown): string {
  const { message, errors } = fieldsOf(err);
  if (!message && Array.isArray(errors) && errors.length > 0) return messageOf(errors[0]);
  return typeof message === 'string' ? message : String(err);
}

const fieldsOf = (err: unknown): { code?: unknown; message?: unknown; errors?: unknown } =>
  typeof err === 'object' && err !== null ? err : {};
