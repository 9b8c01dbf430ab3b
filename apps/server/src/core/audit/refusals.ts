import type { AuditEvent } from '@windlass/resources/audit';

/** A request that was refused at the door. */
export type Refusal = Pick<AuditEvent, 'who' | 'from' | 'operation' | 'method' | 'path'> & {
  readonly answer: NonNullable<AuditEvent['answer']>;
};

interface Summed {
  readonly event: AuditEvent;
  times: number;
}

/** Who asks for nothing but to fill the store gets one line a minute; of more addresses than these all share one. */
const ADDRESSES = 10;
const EVERY_MS = 60_000;

export interface RefusalDeps {
  readonly append: (event: AuditEvent) => Promise<unknown>;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly onError: (err: unknown) => void;
}

/** Requests that were refused at the door: the same from the same address within a minute is one line that says how often. */
export class Refusals {
  readonly #deps: RefusalDeps;
  #summed = new Map<string, Summed>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: RefusalDeps) {
    this.#deps = deps;
  }

  note(refusal: Refusal): void {
    const { who, from = '', answer } = refusal;
    const own = JSON.stringify([who.kind, who.id, from, answer]);
    const isOver = !this.#summed.has(own) && this.#summed.size >= ADDRESSES;
    const key = isOver ? 'others' : own;
    const known = this.#summed.get(key);
    if (known) known.times += 1;
    else this.#summed.set(key, { event: this.#eventOf(refusal, isOver), times: 1 });
    this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS).unref();
  }

  /** Writes down what was summed up. What cannot be written is summed up further. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const summed = this.#summed;
    this.#summed = new Map();
    await Promise.all([...summed].map(([key, one]) => this.#write(key, one)));
  }

  async #write(key: string, { event, times }: Summed): Promise<void> {
    try {
      await this.#deps.append({ ...event, times });
    } catch (err) {
      this.#deps.onError(err);
      const since = this.#summed.get(key);
      this.#summed.set(key, { event, times: times + (since?.times ?? 0) });
      this.#timer ??= setTimeout(() => void this.flush(), EVERY_MS).unref();
    }
  }

  #eventOf(refusal: Refusal, isOver: boolean): AuditEvent {
    const { newId, now } = this.#deps;
    const head = { id: newId(), at: now().toISOString() };
    if (!isOver) return { ...head, ...refusal };
    const { operation, answer } = refusal;
    const detail = 'from more addresses than have lines of their own; operation and answer are those of the first';
    return { ...head, who: { kind: 'nobody' }, operation, answer, detail };
  }
}
