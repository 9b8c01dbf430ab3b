import { arch, platform, release } from 'node:os';
import { hasEnded, isTask, objectsOf, pathFor, textOf, type Task, type WindlassClient } from '@windlass/client';
import { lookAtMachine } from '../doctor/machine.ts';
import { reasonOf } from '../doctor/finding.ts';
import { lookAtServer } from '../doctor/server.ts';
import type { Terminal } from '../terminal.ts';
import { readLocal } from './local.ts';
import { Redactor } from './redact.ts';

const TASKS = 100;
const AUDIT_LINES = 500;

/** One file of a bundle. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

/** What could not be had is told in `missing.json`: a bundle is for days on which something does not answer. */
export async function collect(client: WindlassClient, here: Pick<Terminal, 'env' | 'cwd'>): Promise<BundleFile[]> {
  const local = readLocal(here);
  const redactor = new Redactor([...(local?.secrets ?? []), here.env['WINDLASS_TOKEN'] ?? '']);
  const files: BundleFile[] = [];
  const missing: Record<string, string> = {};
  const add = (name: string, value: unknown): void => {
    const text = typeof value === 'string' ? redactor.text(value) : `${JSON.stringify(redactor.value(value), undefined, 2)}\n`; // prettier-ignore
    files.push({ name, text });
  };
  const ask = async (name: string, look: () => Promise<unknown>): Promise<unknown> => {
    try {
      const found = await look();
      add(name, found);
      return found;
    } catch (err) {
      missing[name] = redactor.text(reasonOf(err));
      return undefined;
    }
  };
  const get = (path: string, query?: Readonly<Record<string, string>>) => () =>
    client.request('GET', path, { ...(query && { query }), accept: [503], signal: AbortSignal.timeout(20_000) });

  add('tool.json', { made_at: new Date().toISOString(), server: client.baseUrl, node: process.version, system: `${platform()} ${release()} ${arch()}` }); // prettier-ignore
  await ask('version.json', get('/v1/version'));
  await ask('readyz.json', get('/readyz'));
  await ask('doctor.json', async () => [...(await lookAtServer(client)), ...(await lookAtMachine(here))]);
  await ask('hosts.json', get('/v1/hosts'));
  const databases = await ask('databases.json', get('/v1/databases'));
  for (const one of objectsOf(databases, 'databases')) {
    const id = textOf(one, 'id') ?? '';
    await ask(`databases/${id}.json`, get(`/v1/databases/${encodeURIComponent(id)}`));
  }
  const tasks = await ask('tasks.json', get('/v1/tasks', { limit: String(TASKS) }));
  for (const task of objectsOf(tasks, 'tasks').filter(isTask)) await addTask(task);
  await ask('audit.json', get('/v1/audit', { limit: String(AUDIT_LINES) }));
  for (const [name, text] of Object.entries(local?.logs ?? {})) add(`log/${name}`, text);
  if (local) add('settings.json', local.settings);
  else missing['log/'] = 'neither bin/up nor bin/host ran on this machine: for logs make one on a host, too';
  add('missing.json', missing);
  return files;

  /** A task without a plan is most of them: that is nothing to tell. */
  async function addTask(task: Task): Promise<void> {
    const folder = `tasks/${task.task_id}`;
    const kinds = await client.kinds();
    const log = await pathFor(client, task, 'taskLog');
    await ask(`${folder}/log.json`, get(log));
    if (kinds.find(({ noun }) => noun === task.scope)?.taskPlan === undefined) return;
    const plan = await get(await pathFor(client, task, 'taskPlan'))().catch(() => undefined);
    if (plan !== undefined) add(`${folder}/plan.txt`, textOf(plan, 'text') ?? '');
    if (!hasEnded(task)) add(`${folder}/open.txt`, `${task.type} was ${task.status}\n`);
  }
}

/** Every change for a while, as it comes in. */
export async function listen(client: WindlassClient, ms: number, interrupted: AbortSignal): Promise<BundleFile> {
  const { readEvents } = await import('@windlass/client');
  const redactor = new Redactor();
  const heard: string[] = [];
  const ended = AbortSignal.any([interrupted, AbortSignal.timeout(ms)]);
  try {
    for await (const { type, data } of readEvents(client, ended))
      heard.push(JSON.stringify({ type, data: redactor.value(data) }));
  } catch (err) {
    if (!ended.aborted) heard.push(JSON.stringify({ missing: redactor.text(reasonOf(err)) }));
  }
  return { name: 'events.jsonl', text: heard.map((line) => `${line}\n`).join('') };
}
