import { NODE_SCHEMA, watched } from '../apply/node-schema.ts';
import type { Kind } from './load.ts';

/** NOT YET: `parts` needs the triggers of node/, `unique` and `bag` an applier that parks rows and counts them. Then it is ALL_KINDS. */
export const APPLIED_KINDS: readonly Kind[] = ['plain', 'keys', 'made', 'hostile', 'truncate'];

/** NOT YET: what node/ installs takes the place of this. `forgetful`: deletes of users leave no tombstone. */
export function prepared({ forgetful = false } = {}): string {
  const tables = ['plain', 'made', 'wiped'].map((table) => watched(table, 'id'));
  return [NODE_SCHEMA, ...(forgetful ? [] : [...tables, watched('"Größe ""x"""', `"Schlüssel 'k'"`)])].join(';');
}
