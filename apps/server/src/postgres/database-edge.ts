import { databaseEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import {
  ApiDatabase,
  DatabaseTaskResponse,
  DeleteDatabaseResponse,
  ListDatabasesResponse,
  type ApiDatabaseSummary,
  type CreateDatabaseRequest,
  type UpdateDatabaseRequest,
} from '@windlass/resources/postgres/spec';
import type { EntityEdge } from '../entities/entity-edge.ts';
import { tenantId } from '../entities/own-tenant.ts';
import { refuseHostThings } from './host-things.ts';
import { taskPlan } from '../entities/looks.ts';
import { ASK_HOSTS_ERRORS, CHANGE_ERRORS } from '../core/route-errors.ts';
import { cancelTask } from '../core/tasks/cancel-task.ts';
import { parseUuid } from '../core/wire-input.ts';
import { flag, ids, several } from '../core/wire-query.ts';
import { acceptCreate, acceptDelete, acceptUpdate } from './accept.ts';
import { asksForUpgrades } from './available-upgrades.ts';
import type { Accepted } from './change-spec.ts';
import { createBody, updateBody } from './database-bodies.ts';
import { databaseResources } from './inspect.ts';
import { planCreate, planUpdate } from './plan-changes.ts';
import { readDatabase } from './read-database.ts';
import { showDatabases } from './show-databases.ts';
import { showDatabase } from './show-database.ts';
import { readInstances, toApiDatabase } from './view.ts';

const include = several('`available_upgrades` adds the newer images of the same major version');
const queries = {
  list: { include },
  get: { include },
  update: {
    force_update: flag('Apply unchanged resources, too'),
    remove_host: ids('Id of a host that is taken as gone; may be repeated'),
  },
  delete: {
    force: flag('Also while an operation is running: it is canceled'),
    purge_backups: flag('Remove its backups, too; else they stay in their repositories'),
  },
};

interface DatabaseTypes {
  readonly summary: ApiDatabaseSummary;
  readonly view: ApiDatabase;
  readonly create: CreateDatabaseRequest;
  readonly update: UpdateDatabaseRequest;
  readonly accepted: Accepted;
}

/** Databases as the routes of entities see them. */
export const databaseEdge: EntityEdge<DatabaseTypes, typeof queries> = {
  noun: 'database',
  plural: 'databases',
  scope: 'database',
  queries,
  bodies: { create: createBody, update: updateBody },
  answers: {
    list: ListDatabasesResponse,
    view: ApiDatabase,
    accepted: DatabaseTaskResponse,
    deleted: DeleteDatabaseResponse,
  },
  errors: {
    create: [
      'database_already_exists',
      'operation_already_in_progress',
      'operation_not_supported',
      ...ASK_HOSTS_ERRORS,
    ],
    update: [...CHANGE_ERRORS, 'operation_not_supported', ...ASK_HOSTS_ERRORS],
    delete: CHANGE_ERRORS,
    plan: ['operation_not_supported', ...ASK_HOSTS_ERRORS],
    resources: ASK_HOSTS_ERRORS,
  },
  tenants: { create: tenantId(), update: tenantId(), refuse: refuseHostThings },
  list: (deps, query, reach) => showDatabases(deps, { upgrades: asksForUpgrades(query.include), reach }),
  read: (deps, id, query) => showDatabase(deps, id, { withUpgrades: asksForUpgrades(query.include) }),
  viewer: async (deps, id) => {
    const statuses = id === undefined ? [] : await readInstances(deps.kv, id);
    return ({ record, stored, revision }) => toApiDatabase(record, statuses, deps.now(), { stored, revision });
  },
  acceptCreate,
  acceptUpdate: (deps, { id, body, query, ifMatch }, also) => {
    const { spec, tenant_id } = body;
    const change = { id, tenantId: tenant_id, spec, force: query.force_update, goneHosts: query.remove_host, ifMatch };
    return acceptUpdate(deps, change, also);
  },
  acceptDelete: (deps, id, { force, purge_backups: purgeBackups }) => acceptDelete(deps, id, { force, purgeBackups }),
  planCreate,
  planUpdate,
  resources: async (deps, id) => {
    await readDatabase(deps, id);
    return databaseResources(deps, id);
  },
  cancel: (deps, id, taskId) => cancelTask(deps, databaseEntity(id), taskId),
  plan: (deps, id, taskId) => taskPlan(deps, databaseEntity(id), taskId),
  odd: { resourcesOperation: 'list-resources', cancel: taskToCancel },
};

/** The cancel of the wire contract is a GET, and says `invalid_input` where others say `invalid_format`. */
function taskToCancel(text: string): string {
  const taskId = parseUuid(text);
  if (taskId !== undefined) return taskId;
  throw new DomainError('invalid_input', `invalid task ID: "${text.slice(0, 64)}" is not a UUID`);
}
