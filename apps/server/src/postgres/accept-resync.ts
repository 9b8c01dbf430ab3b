import type { TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { NOTHING, type AlsoTask } from '../entities/accept.ts';
import { refuseBusy } from './busy.ts';
import { changeSpec } from './change-spec.ts';
import { readDatabase } from './read-database.ts';
import { refuseNoCopies } from './refuse-no-copies.ts';
import { refuseOthers } from './refuse-others.ts';

/** Has a node made anew as a copy of another one: what it has that the others have not is lost. */
export async function acceptResync(
  deps: ServerDeps,
  { id, nodeName }: { readonly id: string; readonly nodeName: string },
  also: AlsoTask,
): Promise<TaskRecord> {
  const before = await readDatabase(deps, id);
  refuseOthers(before, { node_name: nodeName });
  refuseBusy(before.record);
  refuseNoCopies(before.stored, [nodeName]);
  const change = { type: 'update', input: { remade: [nodeName] } } as const;
  const same = { stored: before.stored, secrets: NOTHING };
  return (await changeSpec(deps, before, same, change, ({ task }) => also(task))).task;
}
