import type { Clients } from '../postgres/clients/ports.ts';
import { refKey, type AnyResource, type Desired, type Ref, type Context } from '../engine/resource.ts';
import { DomainError } from '../errors/index.ts';

export interface Applied {
  readonly statuses: ReadonlyMap<string, unknown>;
  /** Milliseconds since the start at which each resource began and was done. */
  readonly times: ReadonlyMap<string, { readonly from: number; readonly to: number }>;
}

/** A context for one resource of the database `entityId`, on the given statuses of its dependencies. */
export function contextFor(
  clients: Clients,
  entityId: string,
  ref: Ref,
  statuses: ReadonlyMap<string, unknown>,
  signal: AbortSignal = new AbortController().signal,
  told: string[] = [],
): Context<Clients> {
  return {
    clients,
    owner: { entity: { kind: 'database', id: entityId }, ref },
    signal,
    progress: () => undefined,
    tell: (sentence) => Promise.resolve(void told.push(sentence)),
    status<S>(wanted: Ref<S>): S {
      const status = statuses.get(refKey(wanted));
      if (status === undefined) throw new DomainError('server_error', `'${refKey(wanted)}' has no status yet`);
      return status as S;
    },
  };
}

/** Creates resources as the engine would: each as soon as what it depends on is there. Rejects with the first failure. */
export async function createAll(
  kinds: readonly AnyResource<Clients>[],
  clients: Clients,
  entityId: string,
  desired: readonly Desired[],
): Promise<Applied> {
  const started = performance.now();
  const statuses = new Map<string, unknown>();
  const times = new Map<string, { from: number; to: number }>();
  const running = new Map<string, Promise<void>>();
  const wanted = new Map<string, Desired>(desired.map((d) => [refKey(d.ref), d]));
  const start = (d: Desired): Promise<void> => {
    const key = refKey(d.ref);
    const known = running.get(key);
    if (known) return known;
    const run = (async () => {
      await Promise.all(
        d.dependsOn
          .map(({ ref }) => wanted.get(refKey(ref)))
          .filter((x) => x !== undefined)
          .map(start),
      );
      const from = performance.now() - started;
      const kind = kindOf(kinds, d.ref.kind);
      statuses.set(key, await kind.create(kind.spec.parse(d.spec), contextFor(clients, entityId, d.ref, statuses)));
      times.set(key, { from, to: performance.now() - started });
    })();
    running.set(key, run);
    return run;
  };
  await Promise.all(desired.map(start));
  return { statuses, times };
}

/** Deletes resources, dependants first, without those that lie within another one. */
export async function deleteAll(
  kinds: readonly AnyResource<Clients>[],
  clients: Clients,
  entityId: string,
  desired: readonly Desired[],
  statuses: ReadonlyMap<string, unknown>,
): Promise<void> {
  const left = new Map<string, Desired>(desired.map((d) => [refKey(d.ref), d]));
  while (left.size > 0) {
    const needed = new Set([...left.values()].flatMap((d) => d.dependsOn.map(({ ref }) => refKey(ref) as string)));
    const free = [...left.values()].filter((d) => !needed.has(refKey(d.ref)));
    await Promise.all(
      free.map(async (d) => {
        const prior = { spec: d.spec, status: statuses.get(refKey(d.ref)) };
        if (!d.within) await kindOf(kinds, d.ref.kind).delete(prior, contextFor(clients, entityId, d.ref, statuses));
        left.delete(refKey(d.ref));
      }),
    );
  }
}

export function kindOf(kinds: readonly AnyResource<Clients>[], name: string): AnyResource<Clients> {
  const found = kinds.find((kind) => kind.kind === name);
  if (!found) throw new Error(`there is no kind '${name}'`);
  return found;
}
