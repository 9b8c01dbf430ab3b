import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AuditChain, type AuditEvent } from '@windlass/resources/audit';
import type { KvWrite } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { factsOf } from './facts.ts';
import { Refusals, type Refusal } from './refusals.ts';
import { RequestAudit } from './request-audit.ts';

/** The audit of a server's requests. */
export class ServerAudit {
  readonly #deps: ServerDeps;
  readonly #chain: AuditChain;
  readonly #onError: (err: unknown) => void;
  readonly #refusals: Refusals;
  readonly #onWritten: (writes: readonly KvWrite[]) => void;

  /** `onWritten` is told what requests have written. */
  constructor(
    deps: ServerDeps,
    onError: (err: unknown) => void,
    onWritten: (writes: readonly KvWrite[]) => void = () => undefined,
  ) {
    this.#deps = deps;
    this.#onWritten = onWritten;
    this.#onError = onError;
    this.#chain = new AuditChain(deps);
    const append = (event: AuditEvent) => this.#chain.append({ event });
    this.#refusals = new Refusals({ append, now: deps.now, newId: randomUUID, onError });
  }

  /** What a request does, and what it is given to do it with. */
  begin(route: Route, request: FastifyRequest): { readonly audit: RequestAudit; readonly deps: ServerDeps } {
    const { kv, now } = this.#deps;
    const event = { id: randomUUID(), at: now().toISOString(), ...factsOf(request, route) };
    const audit = new RequestAudit(
      { kv, chain: this.#chain, onError: this.#onError, login: request.login, onWritten: this.#onWritten },
      event,
    );
    // What the deps have may come late and is asked for only then: they are added to, not copied.
    const deps: ServerDeps = Object.create(this.#deps, {
      kv: { value: audit.kv, enumerable: true },
      noteChange: { value: audit.noteChange.bind(audit), enumerable: true },
    });
    return { audit, deps };
  }

  /** A refusal of somebody who may fill the store with them. */
  refuse(refusal: Refusal): void {
    this.#refusals.note(refusal);
  }

  /** Whoever is refused at the door, on every path there is. */
  install(app: FastifyInstance): void {
    app.addHook('onResponse', (request, reply, done) => {
      const { statusCode: status } = reply;
      if (status === 401 || status === 403)
        this.refuse({ ...factsOf(request), answer: { status, ...errorIn(reply.getHeader('goa-error')) } });
      done();
    });
    app.addHook('onClose', async () => {
      await this.#refusals.flush();
      await this.#chain.settled();
    });
  }
}

const errorIn = (header: unknown): { error?: string } => (typeof header === 'string' ? { error: header } : {});
