import { DomainError } from '../errors/index.ts';

/** One entity: something that is declared, has resources and tasks, and one owner at a time. Printed `database/shop`. */
export interface EntityRef {
  /** Lower case, stable for ever; also the scope of its tasks. */
  readonly kind: string;
  /** Unique among the entities of its kind. */
  readonly id: string;
}

export const entityKey = ({ kind, id }: EntityRef): string => `${kind}/${id}`;

/** What `entityKey` printed. Throws `server_error` for anything else. */
export function parseEntityKey(text: string): EntityRef {
  const [kind = '', id = '', ...more] = text.split('/');
  if (kind === '' || id === '' || more.length > 0) throw new DomainError('server_error', `'${text}' is no entity`);
  return { kind, id };
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
