import { DomainError } from '@windlass/error-table';

/** The address of an entity: something that is declared, has resources and tasks, and one owner at a time. Printed `kind/id`. */
export interface EntityRef {
  readonly kind: string;
  readonly id: string;
}

export type EntityKey = `${string}/${string}`;

/** `database/shop` */
export const entityKey = ({ kind, id }: EntityRef): EntityKey => `${kind}/${id}`;

/** What kinds and ids of entities are made of; neither has a character that separates the parts of a key. */
const WORD = /^[a-z0-9](?:-?[a-z0-9]){0,62}$/;

export function isEntityRef(value: unknown): value is EntityRef {
  if (typeof value !== 'object' || value === null) return false;
  return ['kind', 'id']
    .map((name): unknown => Reflect.get(value, name))
    .every((word) => typeof word === 'string' && WORD.test(word));
}

/** Of its printed form. Throws `invalid_input` for anything else. */
export function parseEntityKey(text: string): EntityRef {
  const [kind, id, ...more] = text.split('/');
  const ref = { kind, id };
  if (more.length === 0 && isEntityRef(ref)) return ref;
  throw new DomainError('invalid_input', `'${text}' names no entity: it is written <kind>/<id>, such as database/shop`);
}

declare const part: unique symbol;
/** What stands for an entity in keys of etcd. */
export type EntityPart = string & { readonly [part]: true };

/** The first entities were databases: their keys do not name the kind. No id holds a dot, so no two entities share a part. */
const WITHOUT_KIND = 'database';
export const partOf = ({ kind, id }: EntityRef): EntityPart =>
  (kind === WITHOUT_KIND ? id : `${kind}.${id}`) as EntityPart;
export function entityOfPart(text: EntityPart): EntityRef {
  const dot = text.indexOf('.');
  return dot < 0 ? { kind: WITHOUT_KIND, id: text } : { kind: text.slice(0, dot), id: text.slice(dot + 1) };
}
