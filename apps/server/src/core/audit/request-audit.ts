import { auditIntents, BY_SERVERS, changesBetween, type AuditChain, type AuditEvent } from '@windlass/resources/audit';
import type { Kv, KvWrite } from '@windlass/resources/store';
import type { LoginToConfirm } from '../door/door.ts';
import { changesSomething, whatWasWritten } from './what-was-written.ts';

type Answer = NonNullable<AuditEvent['answer']>;

export interface RequestAuditDeps {
  readonly kv: Kv;
  readonly chain: Pick<AuditChain, 'append'>;
  /** Of a line that could not be stored, where something else says what happened. */
  readonly onError: (err: unknown) => void;
  /** Of who asks; nothing is changed for one that is no use any more. */
  readonly login?: LoginToConfirm | undefined;
  /** What was written. */
  readonly onWritten?: (writes: readonly KvWrite[]) => void;
}

/**
 * What one request did. Every transaction in which it changes something holds the intent, too: there is no change without it, and
 * it takes no time of its own. The line comes after the answer is known, and takes the intent's place.
 */
export class RequestAudit {
  /** The store as the request uses it. */
  readonly kv: Kv;
  readonly #deps: RequestAuditDeps;
  #event: AuditEvent;
  /** Of the intent; 0: nothing was changed. */
  #revision = 0;
  #isAnswered = false;

  constructor(deps: RequestAuditDeps, event: AuditEvent) {
    this.#deps = deps;
    this.#event = event;
    const { kv } = deps;
    this.kv = {
      get: (key) => kv.get(key),
      list: (prefix, options) => kv.list(prefix, options),
      watch: (prefix, onChange, onResync) => kv.watch(prefix, onChange, onResync),
      close: () => kv.close(),
      commit: (expect, writes) => this.#commit(expect, writes),
    };
  }

  get hasChanged(): boolean {
    return this.#revision > 0;
  }

  /** What becomes of something that was declared, told before it is written; or of `entity`, where nothing is written. */
  noteChange(before: unknown, after: unknown, entity?: AuditEvent['entity']): void {
    const changes = changesBetween(before, after);
    this.#event = { ...this.#event, ...(changes.length > 0 && { changes }), ...(entity && { entity }) };
  }

  /** Nobody waits for the line of a change: it is in the store already. Of anything else the line is all there is. */
  async answered(answer: Answer): Promise<void> {
    this.#isAnswered = true;
    const event = { ...this.#event, answer };
    if (!this.hasChanged) return void (await this.#deps.chain.append({ event }));
    const intent = { id: [BY_SERVERS, event.id] as const, revision: this.#revision };
    this.#deps.chain.append({ event, intent }).catch(this.#deps.onError);
  }

  /** One that was refused has changed nothing, or what it has changed is in the store: the answer stays what it is. */
  async refused(answer: Answer): Promise<void> {
    await this.answered(answer).catch(this.#deps.onError);
  }

  /** Every transaction holds all that was done up to it: a server that dies between two of them has told of the first. */
  async #commit(...[expect, writes]: Parameters<Kv['commit']>): Promise<number | false> {
    if (this.#isAnswered || !changesSomething(writes)) return this.#store(expect, writes);
    const event = { ...this.#event, ...whatWasWritten(writes, this.#event) };
    const intent = auditIntents.put({ event, isAnswered: true }, BY_SERVERS, event.id);
    const done = await this.#store(expect, [...writes, intent]);
    if (done === false) return false;
    this.#event = { ...this.#event, ...whatWasWritten(writes, this.#event) };
    this.#revision = Math.max(this.#revision, done);
    return done;
  }

  /** When an expectation does not hold it may be the one of the login. */
  async #store(...[expect, writes]: Parameters<Kv['commit']>): Promise<number | false> {
    const { kv, login, onWritten } = this.#deps;
    await login?.confirm();
    const ofLogin = login?.expectations ?? [];
    const done = await kv.commit([...expect, ...ofLogin], writes);
    if (done !== false) {
      login?.held();
      onWritten?.(writes);
    } else if (ofLogin.length > 0) await login?.confirm('anew');
    return done;
  }
}
