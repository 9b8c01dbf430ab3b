import type { Clients } from '../postgres/clients/ports.ts';
import { refKey, type AnyResource, type Desired, type Observed } from '../engine/resource.ts';
import { contextFor } from './apply-all.ts';

/** One resource in one world: a fake or the real thing. */
export interface KindCase {
  readonly kind: AnyResource<Clients>;
  readonly clients: Clients;
  readonly entityId: string;
  readonly desired: Desired;
  /** Statuses of what it depends on; its own is added to it. */
  readonly statuses: Map<string, unknown>;
  /** Changes the world behind our back. Absent for kinds that have nothing to change. */
  readonly disturb?: (() => Promise<void>) | undefined;
}

/** Milliseconds in which an aborted call must have ended. */
const ABORT_WITHIN_MS = 2000;

/** What holds for every kind before and while its resource exists. Run `describeDeletedKind` when its dependants are gone. */
export function describeKind(name: string, open: () => KindCase): void {
  describe(name, () => {
    it('an aborted signal stops it', async () => {
      const started = performance.now();
      await create(open(), AbortSignal.abort()).catch(() => undefined);
      expect(performance.now() - started).toBeLessThan(ABORT_WITHIN_MS);
    });

    it('creating twice gives the same', async () => {
      const first = await create(open());
      expect(await create(open())).toEqual(first);
    });

    it('a refresh agrees with the create and finds no drift', async () => {
      const seen = await refresh(open());
      expect(seen).toEqual({ status: open().statuses.get(refKey(open().desired.ref)), drift: [] });
    });

    it('a change behind our back is seen and repaired', async () => {
      const { disturb } = open();
      if (!disturb) return;
      await disturb();
      const seen = await refresh(open());
      expect(seen === undefined || seen.drift.length > 0).toBe(true);
      await (seen === undefined ? create(open()) : update(open()));
      expect((await refresh(open()))?.drift).toEqual([]);
    });
  });
}

/** Deleting twice succeeds, and afterwards nothing is found. Not for kinds that vanish with what holds them. */
export function describeDeletedKind(name: string, open: () => KindCase): void {
  it(`${name}: deleting twice leaves nothing`, async () => {
    const { kind, statuses, desired } = open();
    const prior = { spec: desired.spec, status: statuses.get(refKey(desired.ref)) };
    await kind.delete(prior, contextOf(open()));
    await kind.delete(prior, contextOf(open()));
    const seen = desired.within ? undefined : await refresh(open());
    expect(seen).toBeUndefined();
  });
}

const contextOf = ({ clients, entityId, desired, statuses }: KindCase, signal?: AbortSignal) =>
  contextFor(clients, entityId, desired.ref, statuses, signal);

async function create(one: KindCase, signal?: AbortSignal): Promise<unknown> {
  const { kind, desired, statuses } = one;
  return keep(
    statuses,
    desired,
    kind.status.parse(await kind.create(kind.spec.parse(desired.spec), contextOf(one, signal))),
  );
}

async function update(one: KindCase): Promise<unknown> {
  const { kind, desired, statuses } = one;
  const prior = { spec: desired.spec, status: statuses.get(refKey(desired.ref)) };
  if (!kind.update) {
    await kind.delete(prior, contextOf(one));
    return create(one);
  }
  return keep(statuses, desired, await kind.update(kind.spec.parse(desired.spec), prior, contextOf(one)));
}

function keep(statuses: Map<string, unknown>, desired: Desired, status: unknown): unknown {
  statuses.set(refKey(desired.ref), status);
  return status;
}

function refresh({ kind, desired, statuses, ...rest }: KindCase): Promise<Observed<unknown> | undefined> {
  const status = statuses.get(refKey(desired.ref));
  return kind.refresh({ spec: desired.spec, status }, contextOf({ kind, desired, statuses, ...rest })) as Promise<
    Observed<unknown> | undefined
  >;
}
