import { createClient, readEvents, readTask, waitForTask, WindlassError } from '@windlass/client';
import { openServer, type TestServer } from './testing/server.ts';

let server: TestServer;
beforeEach(async () => void (server = await openServer()));
afterEach(() => server.close());

test('the client speaks with a server: kinds, typed calls, a login, a task that is waited for, an event', async () => {
  const client = createClient({ baseUrl: server.url });
  expect((await client.kinds()).map(({ noun }) => noun)).toEqual(['database', 'host']);
  const { data } = await client.api.POST('/v1/tokens', { body: { name: 'ci', role: 'viewer' } });
  const viewer = createClient({ baseUrl: server.url, token: data?.token ?? '' });
  const refused = await viewer.request('DELETE', '/v1/databases/shop').catch((err: unknown) => err);
  expect(refused).toBeInstanceOf(WindlassError);
  expect(refused).toMatchObject({ status: 403, name: 'not_permitted', missingRole: 'admin' });

  const stop = new AbortController();
  const events = readEvents(viewer, stop.signal);
  const first = events.next();
  const path = { database_id: 'shop', instance_id: 'shop-n1-9ptayhma' };
  const accepted = await client.api.POST('/v1/databases/{database_id}/instances/{instance_id}/stop-instance', { params: { path } }); // prettier-ignore
  const task = accepted.data!.task;
  expect(await readTask(client, task)).toMatchObject({ type: 'stop_instance', status: 'pending' });
  const canceled = await client.api.GET('/v1/databases/{database_id}/tasks/{task_id}/cancel', { params: { path: { database_id: 'shop', task_id: task.task_id } } }); // prettier-ignore
  expect(canceled.data?.status).toBe('canceling');
  const waiting = waitForTask(client, task, { everyMs: 10, timeoutMs: 30 });
  await expect(waiting).rejects.toMatchObject({ name: 'timeout' });
  expect((await first).value).toMatchObject({ type: 'task' });
  stop.abort();
});
