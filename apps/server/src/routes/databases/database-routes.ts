import { databaseKind } from '../../databases/database-kind.ts';
import { entityRoutes } from '../../entities/entity-routes.ts';

/** What every kind of entity has; the files beside this one are what only databases can do. */
export const databaseRoutes = entityRoutes(databaseKind);
