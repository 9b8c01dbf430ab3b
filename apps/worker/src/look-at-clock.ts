import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { HostRecord } from '@windlass/resources/platform/records';
import type { WorkerConfig } from './config.ts';

type Component = HostRecord['components'][string];
type Settings = Pick<WorkerConfig, 'WINDLASS_ETCD_ENDPOINTS' | 'WINDLASS_CA_CERT' | 'WINDLASS_CLIENT_CERT' | 'WINDLASS_CLIENT_KEY'>; // prettier-ignore

/** Reports of a host are judged by their time, and are too old after ten seconds: a clock that is off by half of that is a danger. */
const OFF_MS = 5000;
const ANSWERS_WITHIN_MS = 1500;
/** The header `Date` has whole seconds. */
const HALF_A_SECOND_MS = 500;

/**
 * How far the clock of this host is from that of etcd, which all hosts ask: by the `Date` of its answer, so to within half a second.
 * Positive: this one is ahead. When etcd does not answer nothing is known, and its own part says so.
 */
export function clockLooks(settings: Settings, now: () => number = () => Date.now()): () => Promise<Component> {
  const keepAlive = { keepAlive: true, maxSockets: 1 };
  let agent: http.Agent | undefined;
  const agentOf = (url: URL): http.Agent => {
    if (url.protocol === 'http:') return new http.Agent(keepAlive);
    const [ca, cert, key] = [settings.WINDLASS_CA_CERT, settings.WINDLASS_CLIENT_CERT, settings.WINDLASS_CLIENT_KEY].map((file) => readFileSync(file)); // prettier-ignore
    return new https.Agent({ ...keepAlive, ca, cert, key });
  };
  return async () => {
    let why = 'no etcd is known';
    for (const endpoint of settings.WINDLASS_ETCD_ENDPOINTS) {
      const url = new URL('/version', endpoint);
      const asked = now();
      try {
        const told = await dateOf(url, (agent ??= agentOf(url)));
        return toComponent(Math.round((asked + now()) / 2 - told - HALF_A_SECOND_MS));
      } catch (err) {
        why = `etcd does not answer: ${String((err as NodeJS.ErrnoException).code ?? err)}`;
      }
    }
    return { healthy: true, error: '', details: { not_known: why } };
  };
}

function toComponent(offset: number): Component {
  const details = { offset_ms: offset };
  if (Math.abs(offset) <= OFF_MS) return { healthy: true, error: '', details };
  const by = `${String(Math.round(Math.abs(offset) / 1000))} s ${offset > 0 ? 'ahead of' : 'behind'}`;
  return {
    healthy: false,
    error: `the clock of this host is ${by} that of etcd: set it, and keep it with NTP`,
    details,
  };
}

function dateOf(url: URL, agent: http.Agent): Promise<number> {
  const { request } = url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, timeout: ANSWERS_WITHIN_MS }, (answer) => {
      answer.resume();
      const told = Date.parse(answer.headers.date ?? '');
      if (Number.isNaN(told)) reject(new Error('etcd does not say what time it is'));
      else resolve(told);
    });
    asked.on('timeout', () => asked.destroy(new Error('etcd did not answer in time')));
    asked.on('error', reject);
    asked.end();
  });
}
