import { DomainError, isErrorName } from '@windlass/resources/errors';
import { ClusterJoinOptions, type ClusterJoinToken } from '@windlass/resources/spec';
import { callServer, parseJoinToken } from '@windlass/resources/trust';

const PROBE_MS = 5000;
const JOIN_MS = 15_000;

export interface Joiner {
  readonly id: string;
  readonly addresses: readonly string[];
}

/** Asks the first server that answers for what a server of its cluster needs. Its refusals are passed on. */
export async function requestJoinOptions(given: ClusterJoinToken, joiner: Joiner): Promise<ClusterJoinOptions> {
  const parsed = parseJoinToken(given.token);
  if (!parsed) throw new DomainError('invalid_join_token');
  const urls = given.server_urls.map(parseUrl);
  const url = await firstAlive(urls, parsed.fingerprint);
  const body = {
    token: given.token,
    host_id: joiner.id,
    addresses: joiner.addresses,
    embedded_etcd_enabled: false,
    role: 'server',
  };
  const target = new URL('/v1/internal/cluster/join-options', url);
  const request = { method: 'POST' as const, body, timeoutMs: JOIN_MS, fingerprint: parsed.fingerprint };
  const answer = await callServer(target, request).catch(toServerError);
  if (answer.status === 200) return ClusterJoinOptions.parse(answer.body);
  const { name, message } = (answer.body ?? {}) as { name?: unknown; message?: unknown };
  throw new DomainError(isErrorName(name) ? name : 'server_error', String(message ?? answer.status));
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (/^https?:$/.test(url.protocol)) return url;
    throw new TypeError('not http or https');
  } catch (err) {
    throw new DomainError('server_error', `invalid server URL '${text.slice(0, 200)}': ${(err as Error).message}`);
  }
}

async function firstAlive(urls: readonly URL[], fingerprint: string): Promise<URL> {
  for (const url of urls) {
    const asked = { method: 'GET' as const, timeoutMs: PROBE_MS, fingerprint };
    const answer = await callServer(new URL('/v1/version', url), asked).catch(() => undefined);
    if (answer?.status === 200) return url;
  }
  const tried = urls.map((url) => url.href.replace(/\/$/, '')).join(', ');
  throw new DomainError('server_error', `failed to reach any of the given servers: ${tried}`);
}

function toServerError(err: unknown): never {
  throw new DomainError('server_error', err instanceof Error ? err.message : 'unknown', { cause: err });
}
