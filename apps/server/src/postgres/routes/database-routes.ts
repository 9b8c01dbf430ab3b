import { databaseEdge } from '../database-edge.ts';
import { entityRoutes } from '../../entities/entity-routes.ts';

/** What every sort of entity has; the files beside this one are what only databases can do. */
export const databaseRoutes = entityRoutes(databaseEdge);
