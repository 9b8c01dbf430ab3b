import {
  hasEnded,
  isObject,
  isTask,
  objectsOf,
  pathFor,
  textOf,
  type JsonObject,
  type Kind,
  type Task,
} from '@windlass/client';
import { callOn, readEntity } from '../entity.ts';
import type { Session } from '../session.ts';
import { inWords } from './audit-line.ts';
import { printList, printOne } from './print.ts';
import { ago, bytes } from './quantities.ts';

/** What one wants to see at night, on one screen: state and why, its parts, backups, what runs, what happened last, and what to do. */
export async function describe(session: Session, kind: Kind, id: string): Promise<void> {
  const one = await readEntity(session, kind, id);
  if (session.format !== 'table' && session.format !== 'wide') return printOne(session, kind.noun, one);
  const tasks = await tasksOf(session, kind, id);
  const open = tasks.filter((task) => !hasEnded(task));
  await printOne(session, kind.noun, one);
  const reasons = reasonsOf(one, tasks);
  title(session, 'Why', reasons);
  await section(session, 'Instances', 'instance', objectsOf(one, 'instances').map(instanceRow));
  title(session, 'Backups', objectsOf(one, 'backups').map(backupLine));
  await section(session, 'Last tasks', 'task', tasks.slice(0, 5).map((task) => ({ ...task })));
  await section(session, 'Last events', 'audit', await eventsOf(session, kind, id));
  title(session, 'Now', await Promise.all(open.map((task) => stepOf(session, task))));
  title(session, 'What to do', whatToDo(kind, one, tasks, open, reasons.length > 0));
} // prettier-ignore

/** Of what is not well: each part that is not, what needs attention, and what failed last. */
function reasonsOf(one: JsonObject, [newest]: readonly Task[]): string[] {
  const bad = objectsOf(one, 'instances').filter((instance) => textOf(instance, 'state') !== 'available');
  const failed = one['state'] === 'failed' && newest?.status === 'failed' ? [`${newest.type} failed: ${newest.error ?? 'no reason is known'}`] : []; // prettier-ignore
  return [
    ...failed,
    ...bad.map((each) => [textOf(each, 'id'), textOf(each, 'state'), textOf(each, 'error')].filter((text) => text !== undefined).join(': ')), // prettier-ignore
    ...objectsOf(one, 'conditions').map((each) => `${textOf(each, 'type') ?? ''}: ${textOf(each, 'message') ?? ''}`),
    ...partsOf(one).map(([name, error]) => `${name}: ${error}`),
  ];
}

/** Of a host: what of it does not answer. */
function partsOf({ status }: JsonObject): (readonly [string, string])[] {
  const components = isObject(status) && isObject(status['components']) ? status['components'] : {};
  return Object.entries(components).flatMap(([name, part]) =>
    isObject(part) && part['healthy'] === false ? [[name, textOf(part, 'error') ?? 'not healthy'] as const] : [],
  );
}

function instanceRow({ id, node_name, host_id, state, postgres, error }: JsonObject): JsonObject {
  const lag = isObject(postgres) ? postgres['replication_lag_bytes'] : undefined;
  return {
    ...{ id, node: node_name, host: host_id, role: textOf(postgres, 'role'), state },
    ...(typeof lag === 'number' && { lag: bytes(lag) }),
    ...(error !== undefined && { error }),
  };
}

function backupLine(row: JsonObject): string {
  const text = (field: string) => textOf(row, field);
  const next = objectsOf(row, 'schedules')
    .flatMap((each) => (Array.isArray(each['next_runs']) ? [{ at: String(each['next_runs'][0]), type: textOf(each, 'type') ?? '' }] : []))
    .sort((a, b) => a.at.localeCompare(b.at))[0]; // prettier-ignore
  const failing = textOf(row['archiving'], 'failing_since');
  const last = text('last_backup_at');
  return [
    `${text('node_name') ?? ''}: last ${last === undefined ? 'never' : `${last} (${ago(last)})`}`,
    `next ${next === undefined ? 'is not scheduled' : `${next.at} (${next.type})`}`,
    text('earliest_restorable') === undefined ? 'nothing can be restored' : `restorable from ${text('earliest_restorable') ?? ''} to ${text('latest_restorable') ?? 'now'}`,
    ...(failing === undefined ? [] : [`archiving fails since ${failing}`]),
  ].join(', '); // prettier-ignore
}

/** Its newest log line is the step it is at. */
async function stepOf(session: Session, task: Task): Promise<string> {
  const client = await session.client();
  const answer = await client.request('GET', await pathFor(client, task, 'taskLog'), { query: { limit: '1' } });
  const [entry] = objectsOf(answer, 'entries').slice(-1);
  const step = entry === undefined ? 'has not said anything yet' : (textOf(entry, 'message') ?? '');
  return `${task.type} is ${task.status}, begun ${ago(task.created_at)}: ${step}`;
}

function whatToDo(kind: Kind, one: JsonObject, tasks: readonly Task[], open: readonly Task[], unwell: boolean): string[] {
  const id = String(one['id']);
  const stopped = objectsOf(one, 'instances').filter((each) => textOf(each, 'state') === 'stopped');
  const [newest] = tasks;
  return [
    ...open.map(({ type, task_id }) => `${type} runs: windlass task watch ${task_id}; to stop it: windlass task cancel ${task_id}`),
    ...(newest?.status === 'failed' ? [`see why ${newest.type} failed: windlass task log ${newest.task_id}`] : []),
    ...(open.length === 0 ? stopped.map((each) => `windlass ${kind.noun === 'database' ? 'start' : `describe ${kind.noun}`} ${id} ${textOf(each, 'id') ?? ''}`) : []),
    ...(objectsOf(one, 'conditions').length > 0 ? ['each condition is explained in docs/conditions.md'] : []),
    ...(isObject(one['drain']) && open.length === 0 ? [`nothing new is placed on it: windlass host resume ${id}`] : []),
    ...(unwell ? ['look at the machine and the servers: windlass doctor'] : []),
  ];
} // prettier-ignore

async function tasksOf(session: Session, kind: Kind, id: string): Promise<readonly Task[]> {
  if (!kind.task) return [];
  const all = { ...kind.task, path: kind.task.path.replace(/\/\{task_id\}$/, '') };
  return objectsOf(await callOn(session, all, [id]), 'tasks').filter(isTask);
}

/** Of the audit, which only administrators see. */
async function eventsOf(session: Session, kind: Kind, id: string): Promise<readonly JsonObject[]> {
  const query = { entity: `${kind.noun}/${id}`, limit: 5 };
  const { api } = await session.client();
  const { data } = await api.GET('/v1/audit', { params: { query } }).catch((err: unknown) => {
    if (isObject(err) && err['status'] === 403) return { data: undefined };
    throw err;
  });
  return (data?.lines ?? []).map(inWords);
}

async function section(session: Session, name: string, kind: string, rows: readonly JsonObject[]): Promise<void> {
  if (rows.length === 0) return;
  session.terminal.out(`\n${session.paint('bold', name)}\n`);
  await printList(session, kind, rows);
}

function title(session: Session, name: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  session.terminal.out(`\n${session.paint('bold', name)}\n${lines.map((line) => `${line}\n`).join('')}`);
}
