import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Address, ReplicatorStatus } from '@windlass/data/replicate';
import type { Tls } from './endpoints.ts';
import { createMetrics } from './metrics.ts';
import { whyNotReady } from './readiness.ts';
import { statusJson } from './status-json.ts';

type Answer = () => Promise<readonly [code: number, type: string, body: string]>;

const JSON_TYPE = 'application/json; charset=utf-8';
const json = (code: number, body: object) => [code, JSON_TYPE, `${JSON.stringify(body)}\n`] as const;

/** How often certificates are read again, in ms: at least so often, and twelve times in the life of one that is short. */
const RENEW_MS = 600_000;
const SHORTEST_MS = 1000;
/** Ours begin this much before they are made, in ms. */
const BACKDATED_MS = 3_600_000;

/** After how many ms to read again, by what is in use. */
export function readAgainMs(certPem: string): number {
  const { validFrom, validTo } = new X509Certificate(certPem);
  const lifetime = Date.parse(validTo) - Date.parse(validFrom) - BACKDATED_MS;
  return lifetime <= 0 ? SHORTEST_MS : Math.max(SHORTEST_MS, Math.min(RENEW_MS, lifetime / 12));
}

/**
 * Four pages to be read; nothing can be changed by them. With TLS they are for those who have a certificate of our authority; its files are
 * read again now and then.
 */
export async function serve(
  listen: Address,
  status: () => ReplicatorStatus,
  tls?: () => Promise<Tls>,
): Promise<Server> {
  const answers = answersOf(status);
  const server = await create(tls, (request, response) => {
    const answer = request.method === 'GET' ? answers.get(request.url?.split('?')[0] ?? '') : undefined;
    void send(response, answer ?? (() => Promise.resolve(json(404, { error: 'not found' }))));
  });
  server.listen(listen.port, listen.host);
  await once(server, 'listening');
  return server;
}

async function create(tls: (() => Promise<Tls>) | undefined, listener: RequestListener): Promise<Server> {
  if (!tls) return createServer(listener);
  let current = await tls();
  const server = createTlsServer({ ...current, requestCert: true, rejectUnauthorized: true }, listener);
  const read = async (): Promise<void> => {
    const found = await tls();
    if (found.cert !== current.cert || found.ca !== current.ca) server.setSecureContext(found);
    current = found;
  };
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(() => void read().then(next, next), readAgainMs(current.cert)).unref(); // those it has are good still
  };
  next();
  server.once('close', () => clearTimeout(timer));
  return server;
}

function answersOf(status: () => ReplicatorStatus): ReadonlyMap<string, Answer> {
  const metrics = createMetrics(status);
  return new Map<string, Answer>([
    ['/healthz', async () => json(200, { status: 'ok' })],
    ['/readyz', async () => readiness(status())],
    ['/status', async () => json(200, statusJson(status()))],
    ['/metrics', async () => [200, metrics.contentType, await metrics.metrics()]],
  ]);
}

function readiness(status: ReplicatorStatus) {
  const reasons = whyNotReady(status);
  return reasons.length === 0 ? json(200, { status: 'ready' }) : json(503, { status: 'not ready', reasons });
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const [code, type, body] = await answer().catch(() => json(500, { error: 'internal error' }));
  response.writeHead(code, { 'content-type': type }).end(body);
}
