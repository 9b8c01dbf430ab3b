import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { until } from '../stack.ts';
import type { Member } from './cluster.ts';

const INTERVAL_MS = 50;
/** A probe that takes longer counts as refused; its session is thrown away. */
const ANSWER_WITHIN_MS = 1000;

export interface Acknowledged {
  readonly host: string;
  readonly timeline: number;
  /** Milliseconds on one monotonic clock. */
  readonly sentAt: number;
  readonly acknowledgedAt: number;
}

/** A committed record, and the timeline it went to. `synchronous_commit` is left as it is: a write that hangs is none. */
const PROBE = `SELECT pg_logical_emit_message(true, 'sampler', 'probe'),
  ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int AS timeline`;

/**
 * Writes to every member every 50 ms, each by a loop of its own. Two primaries show as a write that was sent after a
 * newer timeline had already acknowledged one, or as one timeline that two members write to.
 */
export class Sampler {
  readonly acknowledged: Acknowledged[] = [];
  readonly violations: string[] = [];
  probes = 0;
  /** When any member last acknowledged a write. Milliseconds on the monotonic clock. */
  #lastWriteAt = performance.now();
  readonly #ended = new AbortController();
  readonly #loops: Promise<void>[];
  readonly #owner = new Map<number, string>();
  #newest: Acknowledged | undefined;

  constructor(databaseId: string, members: readonly Member[]) {
    this.#loops = members.map((member) => this.#probe(databaseId, member));
  }

  /** Milliseconds since any member last acknowledged a write. */
  get silentMs(): number {
    return performance.now() - this.#lastWriteAt;
  }

  /** Waits until another member than the one on `host` acknowledges a write that was sent from now on. */
  takeover(host: string, timeoutMs = 60_000): Promise<Acknowledged> {
    const from = performance.now();
    const look = (): Acknowledged | undefined => this.acknowledged.findLast((w) => w.host !== host && w.sentAt > from);
    return until(`another primary than ${host}`, () => Promise.resolve(look()), timeoutMs);
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#loops);
  }

  async #probe(databaseId: string, { host, address, port }: Member): Promise<void> {
    let client: pg.Client | undefined;
    while (!this.#ended.signal.aborted) {
      const next = performance.now() + INTERVAL_MS;
      try {
        client ??= await connect({
          host: address,
          port,
          user: 'app',
          password: `pw-${databaseId}`,
          database: databaseId,
        });
        this.probes += 1;
        const sentAt = performance.now();
        const { rows } = await within(client.query<{ timeline: number }>(PROBE));
        this.#note({ host, timeline: rows[0]?.timeline ?? 0, sentAt, acknowledgedAt: performance.now() });
      } catch (err) {
        if (!isReadOnly(err)) client = discard(client);
      }
      await sleep(Math.max(0, next - performance.now()));
    }
    discard(client);
  }

  #note(write: Acknowledged): void {
    const { host, timeline, sentAt } = write;
    this.acknowledged.push(write);
    this.#lastWriteAt = write.acknowledgedAt;
    const owner = this.#owner.get(timeline);
    this.#owner.set(timeline, owner ?? host);
    if (owner !== undefined && owner !== host)
      this.violations.push(`${owner} and ${host} both write to timeline ${String(timeline)}`);
    const newest = this.#newest;
    if (newest && timeline < newest.timeline && sentAt > newest.acknowledgedAt) {
      const late = (sentAt - newest.acknowledgedAt).toFixed(0);
      this.violations.push(
        `${host} took a write on timeline ${String(timeline)}, ${late} ms after ${newest.host} did on ${String(newest.timeline)}`,
      );
    }
    if (!newest || timeline > newest.timeline) this.#newest = write;
  }
}

const isReadOnly = (err: unknown): boolean =>
  (err as { code?: string }).code === '25006' || /recovery/.test(String(err));

async function connect(options: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ ...options, connectionTimeoutMillis: ANSWER_WITHIN_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (err) {
    discard(client);
    throw err;
  }
  return client;
}

function discard(client: pg.Client | undefined): undefined {
  const { connection } = (client ?? {}) as { connection?: { stream: { destroy(): void } } };
  connection?.stream.destroy();
  void client?.end().catch(() => undefined);
}

async function within<T>(work: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = sleep(ANSWER_WITHIN_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`no answer within ${String(ANSWER_WITHIN_MS)} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    limit.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}
