import { DomainError } from '../../errors/index.ts';

/** What a swarm says whose managers do not agree on a leader. After a partition they may need half a minute for it. */
const LEADERLESS = /swarm does not have a leader|too few managers are online|no elected (?:cluster )?leader/;
const ELECTION_MS = 5000;

/** What passes although Docker says it with a 4xx: the container or the object is just changing, or too much is asked at once. */
const PASSING =
  /is not running|is restarting|is paused|already in progress|is being (removed|destroyed)|marked for removal|out of sequence|No such exec instance/i;
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);

/** What stays although Docker says it with a 5xx: a manager of the swarm, or the kernel, refused the request itself. */
const LASTING =
  /code = (InvalidArgument|OutOfRange|Unimplemented|PermissionDenied)|larger than max|(value|argument list|file name) too long/;
const NO_SPACE = /no space left on device/i;

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
    throw new DomainError(codeOf(statusCode, text), `Docker: ${text}`, {
      details: { statusCode, ...(LEADERLESS.test(text) && { retryInMs: ELECTION_MS }) },
      cause: err,
    });
  }
}

function codeOf(status: number, text: string): 'docker_unavailable' | 'service_rejected' | 'no_space' {
  if (NO_SPACE.test(text)) return 'no_space';
  const passes =
    status >= 500 ? status !== 501 && !LASTING.test(text) : PASSING_STATUS.has(status) || PASSING.test(text);
  return passes ? 'docker_unavailable' : 'service_rejected';
}
