import { integer, oneOf, uuid, type QueryOf } from '../wire-query.ts';
import type { TaskQuery } from './read-tasks.ts';

const SORT = ['asc', 'ascend', 'ascending', 'desc', 'descend', 'descending'] as const;

/** Which part of a list of tasks is asked for. */
export const taskPage = {
  after_task_id: uuid('Only tasks after this one in the order'),
  limit: integer('At most so many'),
  sort_order: oneOf(SORT, 'asc or desc'),
};

export const toTaskQuery = (query: QueryOf<typeof taskPage>): TaskQuery => ({
  afterTaskId: query.after_task_id,
  limit: query.limit,
  ascending: query.sort_order?.startsWith('asc') ?? false,
});
