import { toId } from '../core/wire-input.ts';

type Params = Readonly<Record<string, string>>;

/** Where a sort of entity and each of its entities are found, how the id is read out of a path, and what all its routes are. */
export function entityPath(edge: { readonly noun: string; readonly plural: string }) {
  const name = `${edge.noun}_id`;
  const base = `/v1/${edge.plural}`;
  return {
    base,
    one: `${base}/:${name}`,
    /** Before a colon: ids have none. */
    oneBefore: (verb: string): string => `${base}/:${name}(^[^:]+)::${verb}`,
    path: { [name]: toId },
    same: { tag: edge.plural, needs: 'viewer' } as const,
    idOf: (params: Params): string => params[name] ?? '',
  };
}
