import { definitionOf } from '@windlass/resources/entity';
import { toId } from '../core/wire-input.ts';

type Params = Readonly<Record<string, string>>;

/** Where a sort of entity and each of its entities are found, how the id is read out of a path, and what all its routes are. */
export function entityPath(edge: { readonly noun: string; readonly plural: string; readonly scope: string }) {
  const name = `${edge.noun}_id`;
  const base = `/v1/${edge.plural}`;
  const ofTenants = definitionOf(edge.scope).tenant !== undefined;
  return {
    base,
    one: `${base}/:${name}`,
    /** Before a colon: ids have none. */
    oneBefore: (verb: string): string => `${base}/:${name}(^[^:]+)::${verb}`,
    path: { [name]: toId },
    /** Of the routes of one entity. */
    same: {
      tag: edge.plural,
      needs: 'viewer',
      reaches: ofTenants ? { kind: edge.scope, by: name } : 'everything',
    } as const,
    /** Of those that list or declare. */
    many: { tag: edge.plural, needs: 'viewer', reaches: ofTenants ? 'own' : 'everything' } as const,
    idOf: (params: Params): string => params[name] ?? '',
  };
}
