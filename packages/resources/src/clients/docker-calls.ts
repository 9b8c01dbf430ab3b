import { DomainError } from '../errors/index.ts';

/** What a swarm says whose managers do not agree on a leader. After a partition they may need half a minute for it. */
const LEADERLESS = /swarm does not have a leader|too few managers are online|no elected (?:cluster )?leader/;
const ELECTION_MS = 5000;

/** `undefined` for "it is not there"; every other error as a `DomainError`. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await reachDocker(call);
  } catch (err) {
    if (isAbsence(err as DomainError)) return undefined;
    throw err;
  }
}

/** An engine that is just forgetting a network of the swarm says so with status 500. */
const isAbsence = ({ details, message }: DomainError): boolean =>
  details['statusCode'] === 404 || (details['statusCode'] === 500 && /^Docker: network \S+ not found$/.test(message));

/** The engine's answer; its errors as `DomainError`s with the HTTP status in `details.statusCode`. */
export async function reachDocker<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (err) {
    if (err instanceof DomainError) throw err;
    const { statusCode, json, message } = err as { statusCode?: number; json?: { message?: string }; message?: string };
    const text = (json?.message ?? message ?? 'unknown').split('\n')[0] ?? '';
    if (statusCode === undefined)
      throw new DomainError('docker_unavailable', `the Docker engine does not answer: ${text}`, { cause: err });
    const retryable = statusCode >= 500;
    throw new DomainError(retryable ? 'docker_unavailable' : 'service_rejected', `Docker: ${text}`, {
      details: { statusCode, ...(LEADERLESS.test(text) && { retryInMs: ELECTION_MS }) },
      cause: err,
    });
  }
}
