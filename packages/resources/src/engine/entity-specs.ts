import { z } from 'zod';
import { Collection } from '../store/collection.ts';
import type { KvWrite } from '../store/kv.ts';
import { entityOfPart, partOf, type EntityPart, type EntityRef } from './entity-ref.ts';

/** What is declared of each entity of a kind: under one prefix with those of every other kind, and read apart from them. */
export const entitySpecs = <S, Part extends string = EntityPart>(
  kind: string,
  schema: z.ZodType<S>,
): Collection<S, [part: Part]> =>
  new Collection<S, [part: Part]>('specs', schema, {
    holds: ([part]) => entityOfPart(part as string as EntityPart).kind === kind,
  });

/** With the entity what was declared of it goes. */
export const forgetSpec = (entity: EntityRef): KvWrite => entitySpecs(entity.kind, z.unknown()).remove(partOf(entity));

/** A spec that is looked at and was not accepted. */
export const entityProposals = <S>(schema: z.ZodType<S>): Collection<S, [proposalId: string]> =>
  new Collection<S, [proposalId: string]>('proposals', schema);
