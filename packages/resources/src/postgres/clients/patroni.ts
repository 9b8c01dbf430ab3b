import { TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { Agent, buildConnector, request } from 'undici';
import { DomainError } from '../../errors/index.ts';
import { secureContextOf, type ClientIdentity } from '../../platform/clients/secure-context.ts';
import { withShownEnd } from '../../platform/clients/shown-end.ts';
import { Agents } from './agents.ts';
import type { ClusterMember, PatroniPort, PatroniStatus } from './ports.ts';

/** The request itself is wrong. Patroni's 409, 412 and 5xx are about the state of the cluster, and pass. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 501]);

/** Of Patroni's REST API in every container. */
export const PORT = 8008;

const TIMEOUT_MS = 1500;
const RESTART_TIMEOUT_MS = 60_000;
/** Of a node: each has its own certificate to be shown, and so its own connections. */
const SESSIONS_KEPT = 16;

/** Patroni's REST API over mutual TLS. The name in the certificate is the instance's; the address is not, so only the CA is checked. */
export function createPatroni(
  identityAt: (address: string) => Promise<ClientIdentity>,
): PatroniPort & { close(): Promise<void> } {
  const agents = new Agents(openAgent);

  const call = async (
    address: string,
    method: 'GET' | 'PATCH' | 'POST',
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ) => {
    try {
      const limit = AbortSignal.timeout(signal ? RESTART_TIMEOUT_MS : TIMEOUT_MS);
      const response = await request(`https://${address}:${String(PORT)}${path}`, {
        method,
        dispatcher: agents.for(address, await identityAt(address)),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return { code: response.statusCode, text: await response.body.text() };
    } catch (err) {
      const reason = await withShownEnd(err, `Patroni at ${address}`, address, PORT);
      throw new DomainError('patroni_unavailable', `Patroni at ${address} does not answer: ${reason}`, { cause: err });
    }
  };
  const expectOk = async (answer: Promise<{ code: number; text: string }>, what: string): Promise<string> => {
    const { code, text } = await answer;
    if (code >= 300)
      throw new DomainError(
        FINAL.has(code) ? 'patroni_refused' : 'patroni_unavailable',
        `Patroni refused to ${what}: ${String(code)} ${text.slice(0, 200).split('\n')[0] ?? ''}`,
        { details: { status: code } },
      );
    return text;
  };

  return {
    status: async (address) => toStatus(JSON.parse((await call(address, 'GET', '/patroni')).text) as RawStatus),
    isPrimary: async (address) => (await call(address, 'GET', '/primary')).code === 200,
    cluster: async (address) =>
      toMembers(JSON.parse(await expectOk(call(address, 'GET', '/cluster'), 'list its members'))),
    // A change that changes nothing: Patroni wakes its loop after every PATCH.
    wake: async (address) => void (await expectOk(call(address, 'PATCH', '/config', { failsafe_mode: true }), 'wake')),
    reload: async (address) => void (await expectOk(call(address, 'POST', '/reload', {}), 'reload')),
    restart: async (address, signal) => void (await expectOk(call(address, 'POST', '/restart', {}, signal), 'restart')),
    reinitialize: async (address, signal) =>
      void (await expectOk(call(address, 'POST', '/reinitialize', { force: true }, signal), 'copy the primary anew')),
    switchover: async (address, body, signal) =>
      void (await expectOk(call(address, 'POST', '/switchover', body, signal), 'switch over')),
    failover: async (address, body, signal) =>
      void (await expectOk(call(address, 'POST', '/failover', body, signal), 'fail over')),
    close: () => agents.close(),
  };
}

/** Patroni closes each connection: the TLS session is taken up again, which costs a third of a new one. */
function openAgent(identity: ClientIdentity): Agent {
  const sessions = new LRUCache<string, Buffer>({ max: SESSIONS_KEPT });
  const options = { secureContext: secureContextOf(identity), timeout: 1000, checkServerIdentity: () => undefined };
  return new Agent({
    connections: 8,
    connect: (target, callback) => {
      const session = sessions.get(target.hostname);
      buildConnector({ ...options, ...(session && { session }) })(target, (...outcome) => {
        const [, socket] = outcome;
        if (socket instanceof TLSSocket)
          socket.on('session', (ticket: Buffer) => sessions.set(target.hostname, ticket));
        callback(...outcome);
      });
    },
  });
}

interface RawCluster {
  readonly members?: readonly {
    readonly name: string;
    readonly role: string;
    readonly state: string;
    readonly host?: string;
    readonly timeline?: number;
    readonly lag?: number | 'unknown';
    readonly pending_restart?: boolean;
  }[];
}

function toMembers(raw: unknown): ClusterMember[] {
  return ((raw as RawCluster).members ?? []).map((m) => ({
    name: m.name,
    role: m.role as ClusterMember['role'],
    state: m.state,
    host: m.host ?? '',
    ...(m.timeline !== undefined && { timeline: m.timeline }),
    lagBytes: m.role === 'leader' ? 0 : typeof m.lag === 'number' ? m.lag : Number.POSITIVE_INFINITY,
    pendingRestart: m.pending_restart ?? false,
  }));
}

interface RawStatus {
  readonly state: string;
  readonly role: string;
  readonly server_version?: number;
  readonly pending_restart?: boolean;
  readonly pause?: boolean;
  readonly timeline?: number;
  readonly postmaster_start_time?: string;
}

function toStatus(raw: RawStatus): PatroniStatus {
  const role =
    raw.role === 'master' || raw.role === 'primary'
      ? 'primary'
      : raw.role === 'uninitialized'
        ? 'uninitialized'
        : 'replica';
  return {
    state: raw.state,
    role,
    serverVersion: raw.server_version ?? 0,
    pendingRestart: raw.pending_restart ?? false,
    paused: raw.pause ?? false,
    ...(raw.timeline !== undefined && { timeline: raw.timeline }),
    ...(raw.postmaster_start_time !== undefined && { postmasterStartTime: raw.postmaster_start_time }),
  };
}
