import { database } from '@windlass/resources/entity';

/** What a route of one database reaches. */
export const oneDatabase = { kind: database.kind, by: 'database_id' } as const;
