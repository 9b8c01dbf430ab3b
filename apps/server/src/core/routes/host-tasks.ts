import { taskRoutes } from '../../entities/task-routes.ts';

/** The log of a host's task is at `/logs` in the wire contract; nothing of a host can be canceled, and it has no plan. */
export const hostTasks = taskRoutes({ noun: 'host', plural: 'hosts', scope: 'host', odd: { log: 'logs' } });
