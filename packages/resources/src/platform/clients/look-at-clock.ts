import http from 'node:http';
import https from 'node:https';
import type { HostRecord } from '../records/host-records.ts';
import type { OwnLeaf } from './own-leaf.ts';

type Component = HostRecord['components'][string];
type Leaf = Pick<OwnLeaf, 'identity'>;

/** Reports of a host are judged by their time, and are too old after ten seconds: a clock that is off by half of that is a danger. */
const OFF_MS = 5000;
const ANSWERS_WITHIN_MS = 1500;
/** The header `Date` has whole seconds. */
const HALF_A_SECOND_MS = 500;

/**
 * How far the clock of `whose` ("this host") is from that of etcd, which all hosts and servers ask: by the `Date` of its answer, so to within half a second.
 * Positive: this one is ahead. When etcd does not answer nothing is known, and its own part says so.
 */
export function clockLooks(
  whose: string,
  endpoints: readonly string[],
  leaf: Leaf,
  now: () => number = () => Date.now(),
): () => Promise<Component> {
  const keepAlive = { keepAlive: true, maxSockets: 1 };
  const agents = { 'http:': new http.Agent(keepAlive), 'https:': new https.Agent(keepAlive) };
  return async () => {
    let why = 'no etcd is known';
    for (const endpoint of endpoints) {
      const url = new URL('/version', endpoint);
      const asked = now();
      try {
        const told = await dateOf(url, agents, leaf);
        return toComponent(whose, Math.round((asked + now()) / 2 - told - HALF_A_SECOND_MS));
      } catch (err) {
        why = `etcd does not answer: ${String((err as NodeJS.ErrnoException).code ?? err)}`;
      }
    }
    return { healthy: true, error: '', details: { not_known: why } };
  };
}

function toComponent(whose: string, offset: number): Component {
  const details = { offset_ms: offset };
  if (Math.abs(offset) <= OFF_MS) return { healthy: true, error: '', details };
  const by = `${String(Math.round(Math.abs(offset) / 1000))} s ${offset > 0 ? 'ahead of' : 'behind'}`;
  return {
    healthy: false,
    error: `the clock of ${whose} is ${by} that of etcd: set it, and keep it with NTP`,
    details,
  };
}

/** A certificate that was renewed is shown with the next connection. */
function dateOf(url: URL, agents: { 'http:': http.Agent; 'https:': https.Agent }, { identity }: Leaf): Promise<number> {
  const timeout = ANSWERS_WITHIN_MS;
  const { caPem: ca, certPem: cert, keyPem: key } = identity;
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: http.IncomingMessage): void => {
      answer.resume();
      const told = Date.parse(answer.headers.date ?? '');
      if (Number.isNaN(told)) reject(new Error('etcd does not say what time it is'));
      else resolve(told);
    };
    const asked =
      url.protocol === 'http:'
        ? http.request(url, { agent: agents['http:'], timeout }, onAnswer)
        : https.request(url, { agent: agents['https:'], timeout, ca, cert, key }, onAnswer);
    asked.on('timeout', () => asked.destroy(new Error('etcd did not answer in time')));
    asked.on('error', reject);
    asked.end();
  });
}
