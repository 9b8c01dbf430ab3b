import { setTimeout as sleep } from 'node:timers/promises';
import type { components } from './api.gen.ts';
import type { WindlassClient } from './client.ts';
import { pathOf, type Kind, type Operation } from './kinds.ts';
import { WaitTimeoutError } from './windlass-error.ts';
import { isObject } from './json.ts';

export type Task = components['schemas']['Task'];
export type TaskLog = components['schemas']['TaskLog'];
export type TaskLogEntry = components['schemas']['TaskLogEntry'];

/** Which task: `scope` is the kind of what it is about. */
export interface TaskRef {
  readonly scope: string;
  readonly entity_id: string;
  readonly task_id: string;
}

export interface WaitOptions {
  /** How long, in ms; absent: until it ends. */
  readonly timeoutMs?: number;
  /** Ends the wait, not the task. */
  readonly signal?: AbortSignal;
  /** Hears every line of its log, once. */
  readonly onEntry?: (entry: TaskLogEntry) => void;
  /** How often it is asked, in ms. */
  readonly everyMs?: number;
}

const ENDED: readonly string[] = ['completed', 'failed', 'canceled'];
export const hasEnded = ({ status }: Pick<Task, 'status'>): boolean => ENDED.includes(status);

/** Follows a task to its end, however it ends: `status` says how. */
export async function waitForTask(client: WindlassClient, ref: TaskRef, options: WaitOptions = {}): Promise<Task> {
  const { timeoutMs = Infinity, signal, onEntry, everyMs = 500 } = options;
  const end = Date.now() + timeoutMs;
  let after: string | undefined;
  for (;;) {
    const log = await readTaskLog(client, ref, after, signal);
    for (const entry of log.entries) onEntry?.(entry);
    after = log.last_entry_id ?? after;
    if (hasEnded({ status: log.task_status })) return readTask(client, ref, signal);
    const left = end - Date.now();
    if (left <= 0)
      throw new WaitTimeoutError(`task ${ref.task_id} is still ${log.task_status} after ${String(timeoutMs / 1000)} s`);
    await sleep(Math.min(everyMs, left), undefined, { ...(signal && { signal }) });
  }
}

export async function readTask(client: WindlassClient, ref: TaskRef, signal?: AbortSignal): Promise<Task> {
  const answer = await client.request('GET', await pathFor(client, ref, 'task'), { ...(signal && { signal }) });
  if (isTask(answer)) return answer;
  throw new TypeError('the server answered something that is no task');
}

export async function readTaskLog(
  client: WindlassClient,
  ref: TaskRef,
  after?: string,
  signal?: AbortSignal,
): Promise<TaskLog> {
  const path = await pathFor(client, ref, 'taskLog');
  const answer = await client.request('GET', path, { query: { after_entry_id: after }, ...(signal && { signal }) });
  if (isLog(answer)) return answer;
  throw new TypeError('the server answered something that is no log of a task');
}

/** Where something of a task is, whatever kind of entity it is about. */
export async function pathFor(
  client: WindlassClient,
  { scope, entity_id, task_id }: TaskRef,
  part: 'task' | 'taskLog' | 'taskPlan' | 'taskCancel',
): Promise<string> {
  return pathOf(operationOf(await client.kinds(), scope, part), entity_id, task_id);
}

export function operationOf(
  kinds: readonly Kind[],
  noun: string,
  part: 'task' | 'taskLog' | 'taskPlan' | 'taskCancel',
): Operation {
  const operation = kinds.find((kind) => kind.noun === noun)?.[part];
  if (operation) return operation;
  throw new RangeError(`this server has no ${WORDS[part]} for a ${noun}`);
}

const WORDS = { task: 'tasks', taskLog: 'log of tasks', taskPlan: 'plans of tasks', taskCancel: 'way to cancel tasks' };

/** Whether an answer is a task: what every one has. */
export const isTask = (value: unknown): value is Task =>
  isObject(value) &&
  ['task_id', 'scope', 'entity_id', 'type', 'status'].every((field) => typeof value[field] === 'string');

const isLog = (value: unknown): value is TaskLog =>
  isObject(value) && typeof value['task_status'] === 'string' && Array.isArray(value['entries']);
