import {
  AuditChain,
  auditIntents,
  BY_SERVERS,
  trimAudit,
  type AuditEvent,
  type AuditIntent,
  type AuditKept,
} from '@windlass/resources/audit';
import type { Row } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { repeat } from '../repeat.ts';
import { listReadable } from '../unreadable-records.ts';

const INTERVAL_MS = 1000;
/** A server that answers has written its line long before. */
const UNANSWERED_MS = 60_000;
const TRIM_EVERY_MS = 3_600_000;

export interface Collecting {
  readonly deps: Pick<ServerDeps, 'kv' | 'now' | 'unreadable'>;
  readonly kept: AuditKept;
  /** Which server this is. */
  readonly by: string;
  readonly onError: (err: unknown) => void;
}

/**
 * Makes lines of what was done and has none yet: what hosts and servers did by themselves, and requests whose server died before it
 * wrote down the answer. Forgets old lines. Several servers may do so at once.
 */
export class AuditCollector {
  readonly #all: Collecting;
  readonly #chain: AuditChain;
  #trimmedAt = 0;
  #stop = (): void => undefined;

  constructor(all: Collecting) {
    this.#all = all;
    this.#chain = new AuditChain(all.deps);
  }

  start(): void {
    this.#stop = repeat(
      () => this.round(),
      () => INTERVAL_MS,
      this.#all.onError,
    );
  }

  stop(): void {
    this.#stop();
  }

  async round(): Promise<void> {
    const { deps, kept, by } = this.#all;
    const { kv, now } = deps;
    const found = await listReadable(deps, auditIntents, []);
    const due = found.filter(({ value }) => this.#isDue(value)).sort((a, b) => a.revision - b.revision);
    await Promise.all(due.map((row) => this.#append(row)));
    if (now().getTime() - this.#trimmedAt < TRIM_EVERY_MS) return;
    await trimAudit({ kv, chain: this.#chain, by, now }, kept);
    this.#trimmedAt = now().getTime();
  }

  #isDue({ isAnswered, event }: AuditIntent): boolean {
    return !isAnswered || this.#all.deps.now().getTime() - Date.parse(event.at) > UNANSWERED_MS;
  }

  #append({ id, value, revision }: Row<AuditIntent, [origin: string, id: string]>): Promise<unknown> {
    const [origin] = id;
    const event: AuditEvent =
      origin === BY_SERVERS ? value.event : { ...value.event, who: { kind: 'host', id: origin } };
    return this.#chain.append({ event, intent: { id, revision }, onlyWithIntent: true });
  }
}
