import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { accept, call, ended, hasEnded, taskNow, type Task } from './client.ts';
import { bash, ENV, until } from './stack.ts';

const armed = new Set<string>();
const fileOf = (id: string): string => `${ENV.FAILPOINTS_FILE}.${id}`;
const arm = (id: string, wish: string): void => {
  armed.add(id);
  writeFileSync(fileOf(id), wish);
};
/** Lets go what hangs of a database. */
export const disarm = (id: string): void => rmSync(fileOf(id), { force: true });
export const disarmAll = (): void => armed.forEach(disarm);

export type Begin = () => Promise<Task>;
export const cancel = (id: string, { task_id }: Task) => call('GET', `/v1/databases/${id}/tasks/${task_id}/cancel`);
/** The way to the activity may be a whole restore, while other suites use the machine; what is promised is measured from there. */
const HANGS_WITHIN_MS = 90_000;

/** Begins an operation and waits until its activity hangs. */
export async function hangIn(id: string, how: 'hang' | 'deaf', activity: string, begin: Begin): Promise<Task> {
  const wish = `${how} ${activity}`;
  arm(id, wish);
  const task = await begin();
  const hangs = async (): Promise<boolean> => {
    if (readFileSync(fileOf(id), 'utf8') === `${wish} hung`) return true;
    const { status, error = '' } = await taskNow(id, task);
    if (hasEnded({ status })) throw new Error(`it is ${status} ${error}`);
    return false;
  };
  await until(`${activity} of ${id} to hang`, hangs, HANGS_WITHIN_MS);
  return task;
}

/** How long a cancel of an operation took that hangs in this activity; it ends as canceled. */
export async function cancelIn(id: string, how: 'hang' | 'deaf', activity: string, begin: Begin): Promise<number> {
  const task = await hangIn(id, how, activity, begin);
  const begun = Date.now();
  await cancel(id, task);
  const end = await ended(id, task, 30_000);
  const took = Date.now() - begun;
  disarm(id);
  expect([activity, end.status, end.error]).toEqual([activity, 'canceled', undefined]);
  return took;
}

export interface Takeover {
  readonly tookOver: number;
  readonly deleted: number;
}

/** How long a forced delete took of a database whose operation hangs; that one ends as canceled, and nothing is left. */
export async function deleteWhile(id: string, hanging: Task | undefined): Promise<Takeover> {
  const begun = Date.now();
  const deleting = await accept('DELETE', `/v1/databases/${id}?force=true`);
  await until('the delete to begin', async () => (await taskNow(id, deleting)).status !== 'pending', 60_000);
  const tookOver = Date.now() - begun;
  const { status, error } = await ended(id, deleting, 90_000);
  const deleted = Date.now() - begun;
  expect([id, status, error]).toEqual([id, 'completed', undefined]);
  const how = hanging && (await until('the other task to end', async () => hasEnded(await taskNow(id, hanging)) && taskNow(id, hanging))); // prettier-ignore
  if (how) expect([id, how.type, how.status]).toEqual([id, how.type, 'canceled']);
  const lists = ['service ls -q', 'ps -aq'].map((list) => `docker ${list} --filter label=windlass.database=${id}`);
  await until(`${id} to be gone from Docker`, async () => (await bash(lists.join('; '))) === '', 15_000);
  return { tookOver, deleted };
}
