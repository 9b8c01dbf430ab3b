import { DomainError, isErrorName } from '../../errors/index.ts';
import { ClusterJoinOptions, type ClusterJoinRequest } from '../api/api-join.ts';
import type { ClusterJoinToken } from '../api/api-cluster.ts';
import { callServer } from './call-server.ts';
import { parseJoinToken } from './join-token.ts';

const PROBE_MS = 5000;
const JOIN_MS = 15_000;

export interface Joiner {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly role: NonNullable<ClusterJoinRequest['role']>;
  /** Also sends the token, and is sent keys, where everybody on the way can read them. */
  readonly plainHttp?: boolean;
}

/** Asks the first server that answers for what a member of its cluster needs. Its refusals are passed on. */
export async function requestJoinOptions(given: ClusterJoinToken, joiner: Joiner): Promise<ClusterJoinOptions> {
  const parsed = parseJoinToken(given.token);
  if (!parsed) throw new DomainError('invalid_join_token');
  const urls = given.server_urls.map((text) => parseUrl(text, joiner.plainHttp ?? false));
  const url = await firstAlive(urls, parsed.fingerprint);
  const body = {
    token: given.token,
    host_id: joiner.id,
    addresses: joiner.addresses,
    embedded_etcd_enabled: false,
    role: joiner.role,
  };
  const target = new URL('/v1/internal/cluster/join-options', url);
  const request = { method: 'POST' as const, body, timeoutMs: JOIN_MS, fingerprint: parsed.fingerprint };
  const answer = await callServer(target, request).catch(toServerError);
  if (answer.status === 200) return ClusterJoinOptions.parse(answer.body);
  const { name, message } = (answer.body ?? {}) as { name?: unknown; message?: unknown };
  throw new DomainError(isErrorName(name) ? name : 'server_error', String(message ?? answer.status));
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

function parseUrl(text: string, plainHttp: boolean): URL {
  try {
    const url = new URL(text);
    if (url.protocol === 'https:') return url;
    if (url.protocol !== 'http:') throw new TypeError('not http or https');
    if (plainHttp || LOOPBACK.includes(url.hostname)) return url;
    throw new TypeError('keys are not sent over plain http to another machine; use https');
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
