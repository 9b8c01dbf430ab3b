import { DomainError } from '../errors/index.ts';
import type { Kv, KvWrite, Versioned } from '../store/kv.ts';
import { auditIntents, auditLines, auditMarks, lineId } from './records.ts';
import { auditEvent, type AuditEvent, type AuditLine, type AuditMark } from './shapes.ts';
import { GENESIS, nextLine } from './seal.ts';

/** What is to become a line. */
export interface AuditEntry {
  readonly event: AuditEvent;
  /** The intent it stands for, which goes with it. */
  readonly intent?: { readonly id: readonly [origin: string, id: string]; readonly revision: number };
  /** No line when somebody else has made one of the intent meanwhile. */
  readonly onlyWithIntent?: boolean;
}

interface Waiting {
  readonly entry: AuditEntry;
  readonly done: (line: AuditLine | undefined) => void;
  readonly failed: (err: unknown) => void;
}

interface Head {
  readonly mark: AuditMark;
  /** 0: there is none yet. */
  readonly revision: number;
}

/** Each is two writes and an expectation; etcd takes 128 of either, and the head is one more. */
const BATCH = 60;
/** In so many characters of JSON, which are at most three times as many bytes. */
const BATCH_CHARACTERS = 400_000;

/**
 * The chain of lines. One transaction writes lines and the head they lead to, and expects the head they follow: several servers may
 * append at once, and none overwrites another's. What comes while one is on its way goes with the next, all of it together.
 */
export class AuditChain {
  readonly #kv: Pick<Kv, 'get' | 'commit'>;
  readonly #now: () => Date;
  readonly #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #head: Head | undefined;
  /** The last head this process has seen. */
  #seen: AuditMark = GENESIS;

  constructor({ kv, now }: { readonly kv: Pick<Kv, 'get' | 'commit'>; readonly now: () => Date }) {
    this.#kv = kv;
    this.#now = now;
  }

  /** Resolves when the line is stored; with nothing when there is to be none any more. Rejects when it may not be stored. */
  append(entry: AuditEntry): Promise<AuditLine | undefined> {
    const bad = auditEvent.safeParse(entry.event).error?.issues[0];
    if (bad) {
      const where = `${bad.path.join('.')}: ${bad.message}`;
      return Promise.reject(new DomainError('server_error', `this cannot be a line of the audit: ${where}`));
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ entry, done, failed });
      this.#working ??= this.#work();
    });
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) await this.#store(this.#waiting.splice(0, this.#fitting()));
    this.#working = undefined;
  }

  /** How many of those that wait go into one transaction. */
  #fitting(): number {
    let characters = 0;
    const over = this.#waiting.findIndex(({ entry }, at) => {
      characters += JSON.stringify(entry.event).length;
      return at === BATCH || (at > 0 && characters > BATCH_CHARACTERS);
    });
    return over < 0 ? this.#waiting.length : over;
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    try {
      const lines = await this.#commit(batch.map(({ entry }) => entry));
      batch.forEach(({ done }, at) => done(lines[at]));
    } catch (err) {
      this.#head = undefined; // it may have been stored all the same
      for (const { failed } of batch) failed(err);
    }
  }

  /** The line of each, as often as it takes for nobody else to come in between. */
  async #commit(entries: readonly AuditEntry[]): Promise<readonly (AuditLine | undefined)[]> {
    let left = entries.map((entry): AuditEntry | undefined => entry);
    for (;;) {
      const head = (this.#head ??= await this.#readHead());
      const { lines, last, extra } = this.#linesAfter(head.mark, left);
      if (last === head.mark) return lines;
      const made = [...lines.flatMap((line) => line ?? []), ...extra];
      const intents = left.flatMap((entry) => entry?.intent ?? []);
      const revision = await this.#kv.commit(
        [
          { key: auditMarks.key('head'), revision: head.revision },
          ...intents.map(({ id, revision }) => ({ key: auditIntents.key(...id), revision })),
        ],
        [auditMarks.put(last, 'head'), ...made.map(lineWrite), ...intents.map(({ id }) => auditIntents.remove(...id))],
      );
      if (revision !== false) {
        this.#head = { mark: last, revision };
        this.#seen = last;
        return lines;
      }
      this.#head = undefined;
      left = await Promise.all(left.map((entry) => this.#stillWith(entry)));
    }
  }

  #linesAfter(head: AuditMark, entries: readonly (AuditEntry | undefined)[]) {
    let last = head;
    const add = (event: AuditEvent): AuditLine => {
      const line = nextLine(last, event);
      last = { seq: line.seq, hash: line.hash };
      return line;
    };
    const extra = head.seq < this.#seen.seq ? [add(this.#wentBack(head))] : [];
    const lines = entries.map((entry) => entry && add(entry.event));
    return { lines, extra, last };
  }

  /** An etcd that was restored from an older snapshot has lost lines, and nobody else would notice. */
  #wentBack(head: AuditMark): AuditEvent {
    const at = this.#now().toISOString();
    const detail = `the store went back: the last line was ${String(this.#seen.seq)} (${this.#seen.hash}), and is ${String(head.seq)} now`;
    return {
      id: `went-back-${String(this.#seen.seq)}`,
      at,
      who: { kind: 'server' },
      operation: 'store-went-back',
      detail,
    };
  }

  async #readHead(): Promise<Head> {
    const found: Versioned<AuditMark> | undefined = await auditMarks.get(this.#kv, 'head');
    return found ? { mark: found.value, revision: found.revision } : { mark: GENESIS, revision: 0 };
  }

  /** The same without its intent where somebody else has made a line of that; or nothing. */
  async #stillWith(entry: AuditEntry | undefined): Promise<AuditEntry | undefined> {
    if (entry?.intent === undefined) return entry;
    const found = await auditIntents.get(this.#kv, ...entry.intent.id);
    if (found?.revision === entry.intent.revision) return entry;
    return entry.onlyWithIntent === true ? undefined : { event: entry.event };
  }
}

const lineWrite = (line: AuditLine): KvWrite => auditLines.put(line, lineId(line.seq));
