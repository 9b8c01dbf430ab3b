import { isObject, objectsOf, pathFor, textOf, type JsonObject, type Task, type TaskLogEntry, type TaskRef, type WindlassClient } from '@windlass/client'; // prettier-ignore
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput, type ListrTask, type ListrTaskWrapper } from 'listr2';
import { reasonOf } from '../doctor/finding.ts';
import { plainly } from './plainly.ts';

type Line = ListrTaskWrapper<unknown, never, never>;

/** Draws also where what is printed goes into a file: the stream it is given is a terminal. */
class LiveRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** One step of the plan of a task, as its log tells of it. */
class Step {
  readonly ended: Promise<void>;
  #end!: () => void;
  #title: string;
  #state = '(waits)';
  #line: Line | undefined;
  #failed: string | undefined;

  constructor(title: string) {
    this.#title = title;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** As the plan calls it, once that is read. */
  rename(title: string): void {
    this.#title = title;
    this.#show(this.#state);
  }

  /** What failed may be tried again: it is over when the task is. */
  tell({ message, fields = {} }: TaskLogEntry): void {
    const { success, duration_ms: ms } = fields;
    this.#failed = success === false ? message : undefined;
    this.#show(success === undefined ? '…' : typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '');
    if (success === true) this.#end();
  }

  /** Nothing more will be told. */
  close(): void {
    this.#end();
  }

  async run(line: Line): Promise<void> {
    this.#line = line;
    this.#show(this.#state);
    await this.ended;
    if (this.#failed !== undefined) throw new Error(plainly(this.#failed));
    if (this.#state === '(waits)') line.skip(`${this.#title} (not done)`);
  }

  #show(state: string): void {
    this.#state = state;
    if (this.#line) this.#line.title = plainly(`${this.#title} ${state}`);
  }
}

/**
 * Shows the steps of a task while it runs, each with how long it took; what has no plan shows the last line of its log. `watch` follows
 * the task; what it rejects with is passed on when everything is drawn.
 */
export async function live(
  client: WindlassClient,
  ref: TaskRef & { readonly type?: string },
  stream: NodeJS.WriteStream,
  watch: (onEntry: (entry: TaskLogEntry) => void) => Promise<Task>,
): Promise<Task> {
  const steps = new Map<string, Step>();
  let [top, hasSteps, last]: [Line | undefined, () => void, string] = [undefined, () => undefined, ''];
  const begun = new Promise<void>((resolve) => (hasSteps = resolve));
  const stepOf = (key: string, title: string): Step => {
    const found = steps.get(key) ?? new Step(title);
    steps.set(key, found);
    return found;
  };
  const watching = watch((entry) => {
    const { resource_type: kind, resource_id: id } = entry.fields ?? {};
    last = entry.message;
    if (top) top.output = plainly(last);
    if (typeof kind !== 'string' || typeof id !== 'string') return;
    stepOf(`${kind}::${id}`, `${kind} ${id}`).tell(entry);
    hasSteps();
  });
  let isOver = false;
  const ended = watching.finally(() => {
    isOver = true;
    hasSteps();
    for (const step of steps.values()) step.close();
  });
  ended.catch(() => undefined); // told below
  const list = new Listr<unknown, typeof LiveRenderer, 'simple'>(
    [
      {
        title: `${ref.type ?? 'task'} of ${ref.scope} ${ref.entity_id}`,
        task: async (_context, line) => {
          top = line as unknown as Line;
          if (last !== '') line.output = plainly(last);
          await begun;
          const planned = await planOf(client, ref);
          for (const { key, title } of planned) stepOf(key, title).rename(title);
          if (isOver) for (const step of steps.values()) step.close();
          const lines = [...steps.values()].map((step): ListrTask => ({ title: ' ', task: (_none, own) => step.run(own as unknown as Line) })); // prettier-ignore
          return line.newListr(lines, { concurrent: true, exitOnError: false });
        },
      },
      {
        title: 'until it has ended',
        task: (_context, line) => {
          top = line as unknown as Line;
          return ended.then(
            ({ status }) => void (line.title = status),
            (err: unknown) => void (line.title = `no longer watched: ${plainly(reasonOf(err))}`),
          );
        },
      },
    ],
    {
      exitOnError: false,
      registerSignalListeners: false,
      renderer: LiveRenderer,
      rendererOptions: { collapseSubtasks: false, collapseErrors: false, logger: new ListrLogger({ processOutput: new ProcessOutput(stream, process.stdout) }) },
    },
  ); // prettier-ignore
  await list.run();
  return ended;
}

/** What it will do, in order; of a task that follows no plan nothing is known before it is done. */
async function planOf(client: WindlassClient, ref: TaskRef): Promise<{ key: string; title: string }[]> {
  try {
    const plan = await client.request('GET', await pathFor(client, ref, 'taskPlan'));
    return objectsOf(plan, 'steps').flatMap(toStep);
  } catch (err) {
    if (isObject(err) && (err['status'] === 404 || err['name'] === 'RangeError')) return []; // a task, or a kind, without plans
    throw err;
  }
}

function toStep(step: JsonObject): { key: string; title: string }[] {
  const [key, action = ''] = [textOf(step, 'resource'), textOf(step, 'action')];
  return key === undefined ? [] : [{ key, title: `${action} ${key.replace('::', ' ')}`.trim() }];
}
