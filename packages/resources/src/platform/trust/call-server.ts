import { createPublicKey, X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { checkServerIdentity, type TLSSocket } from 'node:tls';
import { fingerprintOf } from './join-token.ts';

export interface ServerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The server could not be reached or is not the one that was meant. */
export class ServerCallError extends Error {
  override readonly name = 'ServerCallError';
}

interface Request {
  readonly method: 'GET' | 'POST';
  readonly body?: unknown;
  readonly timeoutMs: number;
  /** SHA-256 of the authority's certificate: a server whose chain does not end there is refused before anything is sent. */
  readonly fingerprint: string;
}

/** One request to a server of which only the fingerprint of its authority is known. */
export async function callServer(url: URL, request: Request): Promise<ServerAnswer> {
  const text = request.body === undefined ? undefined : JSON.stringify(request.body);
  const headers = text === undefined ? {} : { 'content-type': 'application/json' };
  const options = { method: request.method, headers, timeout: request.timeoutMs, agent: false as const };
  return new Promise((resolve, reject) => {
    const fail = (err: Error): void =>
      reject(err instanceof ServerCallError ? err : new ServerCallError(`${url.origin}: ${err.message}`));
    // The chain is checked below, against the fingerprint instead of a list of authorities.
    const sent =
      url.protocol === 'https:'
        ? https.request(url, { ...options, rejectUnauthorized: false })
        : http.request(url, options);
    const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), request.timeoutMs);
    sent.on('close', () => clearTimeout(timer));
    sent.on('error', fail);
    sent.on('response', (answer) => void read(answer).then(resolve, fail));
    if (url.protocol !== 'https:') return void sent.end(text);
    sent.on('socket', (socket) =>
      socket.on('secureConnect', () => {
        const wrong = refusal(socket as TLSSocket, url.hostname, request.fingerprint);
        if (wrong === undefined) sent.end(text);
        else sent.destroy(new ServerCallError(`${url.origin}: ${wrong}`));
      }),
    );
  });
}

async function read(answer: http.IncomingMessage): Promise<ServerAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const status = answer.statusCode ?? 0;
  try {
    return { status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    throw new Error(`the answer (status ${String(status)}) is not JSON`);
  }
}

/** Why this server is not one of the cluster; `undefined` when it is. */
function refusal(socket: TLSSocket, hostname: string, fingerprint: string): string | undefined {
  const peer = socket.getPeerCertificate(true);
  const authority = peer.issuerCertificate;
  if (!peer.raw || !authority?.raw || fingerprintOf(authority.raw) !== fingerprint)
    return 'the server does not belong to the cluster the token is for (another certificate authority)';
  const leaf = new X509Certificate(peer.raw);
  if (!leaf.verify(publicKeyOf(authority.raw))) return 'its certificate was not signed by the cluster';
  const now = Date.now();
  if (now < Date.parse(leaf.validFrom) || now > Date.parse(leaf.validTo)) return 'its certificate is not valid now';
  return checkServerIdentity(hostname, peer)?.message;
}

const publicKeyOf = (raw: Buffer) =>
  createPublicKey(new X509Certificate(raw).publicKey.export({ format: 'pem', type: 'spki' }));
