import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { EdgeConfig } from './config.ts';
import { nameOf } from './core/door/foreign-request.ts';
import { REQUEST_WITHIN_MS } from './core/plugins/bodies.ts';
import { answerClientError } from './core/plugins/client-errors.ts';

/** Listens in plain text on loopback and, when it is told another address, with TLS on that one. Returns the way to stop. */
export async function listen(app: FastifyInstance, config: EdgeConfig): Promise<() => Promise<void>> {
  const port = config.WINDLASS_HTTP_PORT;
  await app.listen({ host: config.WINDLASS_HTTP_HOST, port });
  const secure = await openSecure(app, config);
  secure?.listen(port, config.WINDLASS_HTTPS_HOST);
  if (secure) await once(secure, 'listening');
  return async () => {
    secure?.close();
    await app.close();
    secure?.closeAllConnections();
  };
}

/** The chain goes up to the CA, so that somebody who knows only its fingerprint can check it. */
async function openSecure(app: FastifyInstance, config: EdgeConfig): Promise<https.Server | undefined> {
  const { WINDLASS_SERVER_CERT: cert, WINDLASS_SERVER_KEY: key, WINDLASS_CA_CERT: ca } = config;
  if (config.WINDLASS_HTTPS_HOST === undefined || cert === undefined) return undefined;
  const [leaf, authority, secret] = await Promise.all([cert, ca, key].map((file) => readFile(file ?? '', 'utf8')));
  const trust = { cert: `${leaf ?? ''}\n${authority ?? ''}`, key: secret, ca: authority };
  // Whoever has a certificate shows it; the door says what is answered to those who have none.
  const options = { ...trust, requestCert: true, rejectUnauthorized: false, requestTimeout: REQUEST_WITHIN_MS };
  const server = https.createServer(options, (request, reply) => app.routing(request, reply));
  server.on('clientError', answerClientError);
  server.on('tlsClientError', (err) => app.log.debug({ err }, 'a client could not agree on TLS'));
  return server;
}

/** URLs under which others reach this server. */
export function urlsOf(config: EdgeConfig): string[] {
  const port = String(config.WINDLASS_HTTP_PORT);
  if (config.WINDLASS_PUBLIC_URL !== undefined) return [config.WINDLASS_PUBLIC_URL];
  if (config.WINDLASS_HTTPS_HOST !== undefined) return [`https://${config.WINDLASS_HTTPS_HOST}:${port}`];
  return [`http://${config.WINDLASS_HTTP_HOST}:${port}`];
}

/** The names under which a proxy on this machine may pass requests on. */
export const publicNamesOf = ({ WINDLASS_PUBLIC_URL: url }: EdgeConfig): string[] => {
  const name = url === undefined ? undefined : nameOf(url);
  return name === undefined ? [] : [name];
};
