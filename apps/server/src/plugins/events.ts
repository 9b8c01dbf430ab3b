import type { FastifyInstance } from 'fastify';
import type { InstanceStatus, KvChange, TaskRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { toApiTask } from '../tasks/read-tasks.ts';

/** `GET /v1/events`: server-sent events `task` and `instance`, one for every change. */
export function installEvents(app: FastifyInstance, { kv }: ServerDeps): void {
  const listeners = new Set<(text: string) => void>();
  const seen = new Map<string, string>();
  const emit = (change: KvChange): void => {
    const event = toEvent(change);
    if (!event || seen.get(change.key) === event) return;
    seen.set(change.key, event);
    for (const listener of listeners) listener(event);
  };
  const opened = Promise.all(['tasks/', 'instance-status/'].map((prefix) => kv.watch(prefix, emit, () => undefined)));
  app.addHook('onClose', async () => {
    for (const watch of await opened) await watch.close();
  });
  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'stream-events',
        tags: ['system'],
        summary: 'Server-sent events: every change of a task or an instance',
      },
    },
    (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      reply.raw.write(': connected\n\n');
      const listener = (text: string): void => void reply.raw.write(text);
      listeners.add(listener);
      const beat = setInterval(() => reply.raw.write(': still here\n\n'), 15_000);
      request.raw.on('close', () => {
        clearInterval(beat);
        listeners.delete(listener);
      });
    },
  );
}

function toEvent({ key, value, deleted }: KvChange): string | undefined {
  if (deleted) return undefined;
  const [name, data] = key.startsWith('tasks/')
    ? ['task', toApiTask(value as TaskRecord)]
    : ['instance', instanceEvent(value as InstanceStatus)];
  return `event: ${String(name)}\ndata: ${JSON.stringify(data)}\n\n`;
}

const instanceEvent = ({ instanceId, databaseId, container, writable, role, error }: InstanceStatus) => ({
  id: instanceId,
  database_id: databaseId,
  container,
  writable,
  role,
  error,
});
