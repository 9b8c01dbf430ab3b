import { z } from 'zod';
import { entityKey, entityOfPart, partOf, type EntityPart, type EntityRef } from '../engine/entity-ref.ts';
import { DomainError } from '../errors/index.ts';
import { Collection, type Claim } from '../store/collection.ts';
import type { Kv } from '../store/kv.ts';
import { recordsOf } from './entities.ts';

/** Who refers to each entity, by the one that is referred to. */
export const referenceRecords = new Collection<readonly EntityRef[], [target: EntityPart]>(
  'references',
  z.array(z.looseObject({ kind: z.string(), id: z.string() })),
);

const isOne = (one: EntityRef) => (other: EntityRef) => entityKey(one) === entityKey(other);

/**
 * What the change of an entity writes when it refers to `after` and referred to `before`, and what it has to find unchanged: of a
 * reference that is made while its target is deleted one of both is refused. Throws `not_found` or `operation_refused` for
 * what is not there, or about to go.
 */
export async function referTo(
  kv: Pick<Kv, 'get'>,
  source: EntityRef,
  before: readonly EntityRef[],
  after: readonly EntityRef[],
): Promise<Claim> {
  const gone = before.filter((one) => !after.some(isOne(one)));
  const fresh = after.filter((one) => !before.some(isOne(one)));
  const claims = await Promise.all([
    ...gone.map((target) => rewrite(kv, target, (all) => all.filter((one) => !isOne(source)(one)))),
    ...fresh.map(async (target) => {
      const there = await stays(kv, target);
      const claim = await rewrite(kv, target, (all) => [...all.filter((one) => !isOne(source)(one)), source]);
      return { ...claim, expect: [there, ...claim.expect] };
    }),
  ]);
  return { expect: claims.flatMap(({ expect }) => expect), writes: claims.flatMap(({ writes }) => writes) };
}

/** What the end of an entity writes: it refers to nothing any more. A record that cannot be read keeps none from ending. */
export async function releaseReferences(kv: Pick<Kv, 'get' | 'list'>, source: EntityRef): Promise<Claim> {
  const all = await referenceRecords.list(kv, [], { unreadable: () => undefined });
  const targets = all.filter(({ value }) => value.some(isOne(source))).map(({ id: [target] }) => entityOfPart(target));
  return referTo(kv, source, targets, []);
}

/** What a delete has to find unchanged. Throws `in_use`, which names everybody who refers to it. */
export async function refuseReferenced(kv: Pick<Kv, 'get'>, target: EntityRef): Promise<Claim> {
  const found = await referenceRecords.get(kv, partOf(target));
  const users = (found?.value ?? []).map(entityKey).sort();
  if (users.length > 0)
    throw new DomainError(
      'in_use',
      `${entityKey(target)} is used by ${users.join(', ')}: delete or change those first`,
      {
        details: { users },
      },
    );
  return { expect: [{ key: referenceRecords.key(partOf(target)), revision: found?.revision ?? 0 }], writes: [] };
}

async function rewrite(
  kv: Pick<Kv, 'get'>,
  target: EntityRef,
  change: (all: readonly EntityRef[]) => readonly EntityRef[],
): Promise<Claim> {
  const part = partOf(target);
  const found = await referenceRecords.get(kv, part);
  const all = change(found?.value ?? []);
  const write = all.length > 0 ? referenceRecords.put(all, part) : referenceRecords.remove(part);
  return { expect: [{ key: referenceRecords.key(part), revision: found?.revision ?? 0 }], writes: [write] };
}

async function stays(kv: Pick<Kv, 'get'>, target: EntityRef): Promise<Claim['expect'][number]> {
  const records = recordsOf(target);
  const found = await records.get(kv, target.id);
  if (!found) throw new DomainError('not_found', `${entityKey(target)} is not there`);
  if (found.value.state === 'deleting')
    throw new DomainError('operation_refused', `${entityKey(target)} is being deleted`);
  return { key: records.key(target.id), revision: found.revision };
}
