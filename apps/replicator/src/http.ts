import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Address, ReplicatorStatus } from '@windlass/data/replicate';
import { createMetrics } from './metrics.ts';
import { whyNotReady } from './readiness.ts';
import { statusJson } from './status-json.ts';

type Answer = () => Promise<readonly [code: number, type: string, body: string]>;

const JSON_TYPE = 'application/json; charset=utf-8';
const json = (code: number, body: object) => [code, JSON_TYPE, `${JSON.stringify(body)}\n`] as const;

/** Four pages to be read; nothing can be changed by them. */
export async function serve(listen: Address, status: () => ReplicatorStatus): Promise<Server> {
  const answers = answersOf(status);
  const server = createServer((request, response) => {
    const answer = request.method === 'GET' ? answers.get(request.url?.split('?')[0] ?? '') : undefined;
    void send(response, answer ?? (() => Promise.resolve(json(404, { error: 'not found' }))));
  });
  server.listen(listen.port, listen.host);
  await once(server, 'listening');
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
