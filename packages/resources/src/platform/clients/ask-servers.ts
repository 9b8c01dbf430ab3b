import https from 'node:https';
import { DomainError, isErrorName } from '../../errors/index.ts';
import type { ClientIdentity } from './secure-context.ts';

const LIMIT_MS = 5000;
const LARGEST_ANSWER = 65_536;

/** Servers of the cluster, and how this process shows them which host it is. */
export interface Servers {
  /** The first that answers is asked. */
  readonly serverUrls: readonly string[];
  /** What is shown, as it is now. */
  identity(): ClientIdentity;
}

/** What a server says no to is final and keeps its name; when none can be reached it is `server_unavailable`, with `what` none does. */
export async function askServers(servers: Servers, path: string, request: object, what: string): Promise<unknown> {
  const body = JSON.stringify(request);
  let last: unknown;
  for (const url of servers.serverUrls) {
    try {
      return await ask(new URL(path, url), servers.identity(), body);
    } catch (err) {
      if (err instanceof DomainError) throw err;
      last = err;
    }
  }
  const why = (last as Error | undefined)?.message ?? 'none is configured';
  throw new DomainError('server_unavailable', `no server ${what}: ${why}`, { cause: last });
}

/** What a server says no to is a `DomainError` and final; not reaching it is any other error. */
async function ask(url: URL, { caPem, certPem, keyPem }: ClientIdentity, body: string): Promise<unknown> {
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
