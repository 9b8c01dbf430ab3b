import { once } from 'node:events';
import https from 'node:https';
import type { LeafBook } from '@windlass/resources/platform/leaves';
import { OwnLeaf } from '@windlass/resources/platform/trust';
import type { FastifyInstance } from 'fastify';
import type { EdgeConfig } from './config.ts';
import { nameOf } from './core/door/foreign-request.ts';
import { REQUEST_WITHIN_MS } from './core/plugins/bodies.ts';
import { answerClientError } from './core/plugins/client-errors.ts';

/** Listens in plain text on loopback and, when it is told another address, with TLS on that one. Returns the way to stop. */
export async function listen(app: FastifyInstance, config: EdgeConfig, leaf?: OwnLeaf): Promise<() => Promise<void>> {
  const port = config.WINDLASS_HTTP_PORT;
  await app.listen({ host: config.WINDLASS_HTTP_HOST, port });
  const secure = leaf && createSecure(app, leaf);
  secure?.listen(port, config.WINDLASS_HTTPS_HOST);
  if (secure) await once(secure, 'listening');
  return async () => {
    secure?.close();
    await app.close();
    secure?.closeAllConnections();
  };
}

/** The certificate it shows with TLS; none where it has no address for others. */
export async function openServerLeaf(config: EdgeConfig, book: LeafBook): Promise<OwnLeaf | undefined> {
  const { WINDLASS_SERVER_CERT: certPath, WINDLASS_SERVER_KEY: keyPath, WINDLASS_CA_CERT: caPath } = config;
  if (config.WINDLASS_HTTPS_HOST === undefined || certPath === undefined) return undefined;
  const whose = `the server ${config.WINDLASS_SERVER_ID}`;
  return OwnLeaf.open({ whose, certPath, keyPath: keyPath ?? '', caPath: caPath ?? '' }, book);
}

/** Whoever has a certificate shows it; the door says what is answered to those who have none. */
const ASKS = { requestCert: true, rejectUnauthorized: false } as const;

function createSecure(app: FastifyInstance, leaf: OwnLeaf): https.Server {
  const options = { ...trustOf(leaf.identity), ...ASKS, requestTimeout: REQUEST_WITHIN_MS };
  const server = https.createServer(options, (request, reply) => app.routing(request, reply));
  // New connections are shown the new one; those that are open stay.
  leaf.onRenewed((identity) => server.setSecureContext(trustOf(identity)));
  server.on('clientError', answerClientError);
  server.on('tlsClientError', (err) => app.log.debug({ err }, 'a client could not agree on TLS'));
  return server;
}

/** The chain goes up to the CA, so that somebody who knows only its fingerprint can check it. */
const trustOf = ({ caPem, certPem, keyPem }: OwnLeaf['identity']) => ({
  cert: `${certPem}\n${caPem}`,
  key: keyPem,
  ca: caPem,
});

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
