import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { makeCertificate, type S3Server } from './s3-server.ts';

/** What stands between pgBackRest and an S3 server, and has its faults. */
export interface S3Front {
  readonly endpoint: string;
  /** Nothing listens any more. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Only this access key is known; every other one gets what S3 answers to it. */
  knowOnly(key: string): void;
  /** Shows the certificate that is trusted, or one of a CA nobody knows. */
  showCertificate(which: 'trusted' | 'unknown'): void;
}

/** Passes everything on to `s3`, whose key is in `directory`, from a port of its own. */
export async function startFront(s3: S3Server, directory: string, port: number): Promise<S3Front> {
  const file = (name: string): string => path.join(directory, name);
  makeCertificate(file('unknown.key'), file('unknown.crt'));
  const certificates = {
    trusted: { key: readFileSync(file('server.key')), cert: readFileSync(path.join(s3.trust, 'ca.crt')) },
    unknown: { key: readFileSync(file('unknown.key')), cert: readFileSync(file('unknown.crt')) },
  };
  let known = s3.key;
  const server = createServer(certificates.trusted, (incoming, answer) => {
    const used = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1];
    if (used === known) passOn(s3, incoming, answer);
    else refuse(answer);
  });
  const up = async (): Promise<void> => void (await once(server.listen(port, '0.0.0.0'), 'listening'));
  await up();
  return {
    endpoint: s3.endpoint.replace(/\d+$/, String(port)),
    up,
    down: async () => {
      const closed = once(server.close(), 'close');
      server.closeAllConnections();
      await closed;
    },
    knowOnly: (key) => {
      known = key;
    },
    showCertificate: (which) => {
      server.setSecureContext(certificates[which]);
      server.closeAllConnections();
    },
  };
}

function passOn(s3: S3Server, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, url, headers } = incoming;
  const onward = request(`https://${s3.endpoint}${url ?? ''}`, { method, headers, rejectUnauthorized: false });
  onward.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}

function refuse(answer: ServerResponse): void {
  const message = 'The AWS Access Key Id you provided does not exist in our records.';
  answer.writeHead(403, { 'content-type': 'application/xml' });
  answer.end(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code><Message>${message}</Message></Error>`,
  );
}
