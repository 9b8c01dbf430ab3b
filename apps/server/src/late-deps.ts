import { DomainError } from '@windlass/resources/errors';
import type { Kv } from '@windlass/resources/store';
import type { ServerDeps } from './core/deps.ts';
import { upkeep } from './upkeep.ts';

/** Why a server cannot work yet: it belongs to no cluster, or its store is not ready. */
export type NotYet = 'cluster_not_initialized' | 'store_upgrading' | 'store_unavailable' | 'store_full';

/** What a server stands on that cannot be used yet: every use is refused with the reason until it is attached. */
export class LateDeps {
  readonly deps: ServerDeps;
  readonly #attached: Promise<ServerDeps>;
  #attach: (deps: ServerDeps) => void = () => undefined;
  #current: ServerDeps | undefined;
  #why: NotYet;

  constructor(
    why: NotYet,
    { unreadable, leaves }: Pick<ServerDeps, 'unreadable' | 'leaves'>,
    join?: ServerDeps['join'],
  ) {
    this.#why = why;
    this.#attached = new Promise((resolve) => (this.#attach = resolve));
    const current = (): ServerDeps => this.#need();
    const late = <K extends 'temporal' | 'payloads' | 'box' | 'membership'>(name: K): ServerDeps[K] =>
      new Proxy({} as object, {
        get: (_none, field) => Reflect.get(current()[name], field) as unknown,
      }) as ServerDeps[K];
    this.deps = {
      kv: this.#lateKv(),
      unreadable,
      temporal: late('temporal'),
      payloads: late('payloads'),
      box: late('box'),
      membership: late('membership'),
      get caPem() {
        return current().caPem;
      },
      get serverUrls() {
        return current().serverUrls;
      },
      certificateEnds: async () => current().certificateEnds(),
      clockLook: async () => current().clockLook(),
      get hostId() {
        return current().hostId;
      },
      upkeep,
      leaves,
      now: () => new Date(),
      ...(join && { join }),
    };
  }

  attach(deps: ServerDeps): void {
    this.#current = deps;
    this.#attach(deps);
  }

  /** Says why it still cannot be used. */
  refuse(why: NotYet): void {
    this.#why = why;
  }

  #need(): ServerDeps {
    if (this.#current) return this.#current;
    throw new DomainError(this.#why);
  }

  #lateKv(): Kv {
    const kv = async (): Promise<Kv> => Promise.resolve(this.#need().kv);
    return {
      get: async (key) => (await kv()).get(key),
      list: async (prefix, options) => (await kv()).list(prefix, options),
      commit: async (expect, writes) => (await kv()).commit(expect, writes),
      watch: (prefix, onChange, onResync) => Promise.resolve(this.#lateWatch(prefix, onChange, onResync)),
      close: () => this.#current?.kv.close() ?? Promise.resolve(),
    };
  }

  /** Begins when there is something to watch; closing it before that is fine. */
  #lateWatch(...args: Parameters<Kv['watch']>): { close(): Promise<void> } {
    let closed = false;
    const opened = this.#attached.then(({ kv }) => (closed ? undefined : kv.watch(...args)));
    opened.catch(args[2]);
    return {
      close: async () => {
        closed = true;
        if (this.#current) await (await opened)?.close();
      },
    };
  }
}
