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

/** How often certificates are read again, in ms: they are renewed long before they end. */
const RENEW_MS = 600_000;

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
  const server = createTlsServer({ ...(await tls()), requestCert: true, rejectUnauthorized: true }, listener);
  const renew = setInterval(() => {
    void tls().then(
      (renewed) => server.setSecureContext(renewed),
      () => undefined,
    ); // those it has are good for weeks
  }, RENEW_MS);
  renew.unref();
  server.once('close', () => clearInterval(renew));
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
