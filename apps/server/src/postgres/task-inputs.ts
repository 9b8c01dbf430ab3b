import type { DatabaseTaskInput, OutboxEntry, OutboxTask } from '@windlass/resources/tasks';
import type { Surroundings, ToInput } from '../core/tasks/entity-upkeep.ts';

const asAsked = <T extends OutboxTask>({ input, entity, taskId }: OutboxEntry<T>) => ({
  ...input,
  ...({ databaseId: entity.id, taskId } satisfies DatabaseTaskInput),
});
const atRevision = <T extends OutboxTask>(entry: OutboxEntry<T>, { revision }: Pick<Surroundings, 'revision'>) => ({
  ...asAsked(entry),
  revision,
});

/** What is asked of a database becomes what the workflow takes: what it has to be told besides is added. */
export const databaseInputs: { readonly [T in Exclude<OutboxTask, 'remove_host'>]: ToInput<T> } = {
  create: atRevision,
  update: atRevision,
  delete: asAsked,
  upgrade: atRevision,
  switchover: asAsked,
  failover: asAsked,
  restart_instance: asAsked,
  stop_instance: atRevision,
  start_instance: atRevision,
  node_backup: asAsked,
  delete_backup: asAsked,
  verify_backup: asAsked,
  restore: atRevision,
  undo_restore: atRevision,
};
