import https from 'node:https';
import { DomainError, isErrorName } from '../../errors/index.ts';
import { CertificateAnswer } from '../api/api-join.ts';
import { newKeys } from './certificates.ts';
import type { CertificatesPort } from './ports.ts';

const LIMIT_MS = 5000;
const LARGEST_ANSWER = 65_536;

export interface RemoteAuthority {
  /** Of the servers of the cluster: the first that answers signs. */
  readonly serverUrls: readonly string[];
  readonly caPem: string;
  /** With these this process shows which host it is. */
  readonly certPem: string;
  readonly keyPem: string;
}

/** Certificates on a host that has no key of the authority: keys are made here, a server signs. */
export function createRemoteCertificates(authority: RemoteAuthority): CertificatesPort {
  return {
    caPem: () => Promise.resolve(authority.caPem),
    issue: async ({ commonName, names, days }) => {
      const { publicKeyPem, keyPem } = await newKeys();
      const body = JSON.stringify({ public_key: publicKeyPem, common_name: commonName, names, days });
      const answer = CertificateAnswer.parse(await askAny(authority, body));
      return { certPem: answer.certificate, keyPem, notAfter: answer.not_after };
    },
  };
}

async function askAny(authority: RemoteAuthority, body: string): Promise<unknown> {
  let last: unknown;
  for (const url of authority.serverUrls) {
    try {
      return await ask(new URL('/v1/internal/certificates', url), authority, body);
    } catch (err) {
      if (err instanceof DomainError) throw err;
      last = err;
    }
  }
  const why = (last as Error | undefined)?.message ?? 'none is configured';
  throw new DomainError('server_unavailable', `no server signs certificates: ${why}`, { cause: last });
}

/** What a server says no to is a `DomainError` and final; not reaching it is any other error. */
async function ask(url: URL, { caPem, certPem, keyPem }: RemoteAuthority, body: string): Promise<unknown> {
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { method: 'POST', headers, ca: caPem, cert: certPem, key: keyPem, timeout: LIMIT_MS, agent: false };
    const sent = https.request(url, options as https.RequestOptions, (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        received += chunk;
        if (received.length > LARGEST_ANSWER) sent.destroy(new Error('the answer is too long'));
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: received }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url.origin} does not answer`)));
    sent.on('error', reject);
    sent.end(body);
  });
  const answer = JSON.parse(text) as { name?: unknown; message?: unknown };
  if (status === 200) return answer;
  if (status >= 500) throw new Error(`${url.origin}: ${String(answer.message)}`);
  throw new DomainError(isErrorName(answer.name) ? answer.name : 'server_error', String(answer.message));
}
