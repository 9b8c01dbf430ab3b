import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from './client.ts';
import { readEvents } from './events.ts';
import { waitForTask } from './wait-for-task.ts';
import { UnreachableError, WaitTimeoutError, WindlassError } from './windlass-error.ts';

const TASK = { task_id: 't1', scope: 'database', entity_id: 'shop', type: 'update', created_at: 'then' };
const PATHS = Object.fromEntries(
  ['databases', 'databases/{database_id}', 'databases/{database_id}/tasks/{task_id}', 'databases/{database_id}/tasks/{task_id}/log'].map(
    (one) => [`/v1/${one}`, { get: { operationId: one } }],
  ),
); // prettier-ignore

let polls = 0;
const seen: { method?: string; authorization?: string; body: string }[] = [];
const answers: Record<string, (polls: number) => unknown> = {
  '/v1/openapi.json': () => ({ paths: PATHS }),
  '/v1/databases/shop/tasks/t1': () => ({ ...TASK, status: 'completed' }),
  '/v1/databases/shop/tasks/t1/log': () => ({ task_status: 'running', last_entry_id: 'e1', entries: [{ timestamp: 'then', message: 'begun' }] }),
  '/v1/databases/shop/tasks/t1/log?after_entry_id=e1': (n) => ({ task_status: n > 4 ? 'completed' : 'running', entries: [] }),
}; // prettier-ignore

const listener: RequestListener = (request, response) => {
  polls += 1;
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { authorization } = request.headers;
    seen.push({ method: request.method ?? '', ...(authorization && { authorization }), body });
    const answer = answers[request.url ?? '']?.(polls);
    if (request.url === '/v1/events') {
      response.write(': hello\n\nevent: task\ndata: {"id":"t');
      response.end('1"}\n\n');
    } else if (answer === undefined) {
      response.writeHead(404).end(JSON.stringify({ name: 'not_found', message: 'nodes[0].port: taken\nand more' }));
    } else response.end(JSON.stringify(answer));
  });
};
const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
};

let server: Server;
let tls: Server | undefined;
let baseUrl: string;
beforeEach(async () => {
  polls = 0;
  seen.length = 0;
  server = createServer(listener);
  baseUrl = `http://127.0.0.1:${String(await listen(server))}`;
});
afterEach(() => {
  for (const one of [server, tls]) one?.closeAllConnections();
  for (const one of [server, tls]) one?.close();
});

test('the token goes with every request, and a refusal is thrown with name, message and field', async () => {
  const client = createClient({ baseUrl: `${baseUrl}/`, token: 'wl_a' });
  const refused = await client.api.GET('/v1/databases').catch((err: unknown) => err);
  expect(refused).toBeInstanceOf(WindlassError);
  expect(refused).toMatchObject({ status: 404, name: 'not_found', field: 'nodes[0].port' });
  expect(seen).toMatchObject([{ method: 'GET', authorization: 'Bearer wl_a' }]);
});

test('a task is followed to its end, each line of its log once', async () => {
  const lines: string[] = [];
  const onEntry = ({ message }: { message: string }) => lines.push(message);
  const ended = await waitForTask(createClient({ baseUrl }), TASK, { everyMs: 5, onEntry });
  expect([ended.status, lines]).toEqual(['completed', ['begun']]);
});

test('a wait ends in time, and says that the task goes on', async () => {
  const waiting = waitForTask(createClient({ baseUrl }), TASK, { everyMs: 1, timeoutMs: 0 });
  await expect(waiting).rejects.toThrow(WaitTimeoutError);
  await expect(waitForTask(createClient({ baseUrl }), { ...TASK, scope: 'gadget' })).rejects.toThrow('gadget');
});

test('events are put together from what comes in pieces; signs of life are none', async () => {
  const events = [];
  for await (const event of readEvents(createClient({ baseUrl }))) events.push(event);
  expect(events).toEqual([{ type: 'task', data: { id: 't1' } }]);
});

test('a server that is not there is said to be', async () => {
  server.close();
  const gone = createClient({ baseUrl: 'http://127.0.0.1:1' }).request('GET', '/v1/version');
  await expect(gone).rejects.toThrow(UnreachableError);
  await expect(gone).rejects.toThrow('http://127.0.0.1:1 does not answer');
});

test('with TLS only the given authority is trusted', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-client-'));
  const [key, cert] = [path.join(folder, 'key'), path.join(folder, 'cert')];
  const names = ['-subj', '/CN=here', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...made, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const ca = readFileSync(cert, 'utf8');
  tls = createTlsServer({ key: readFileSync(key), cert: ca }, listener);
  const url = `https://127.0.0.1:${String(await listen(tls))}`;
  const client = createClient({ baseUrl: url, ca });
  expect(await client.request('POST', '/v1/databases/shop/tasks/t1', { body: { a: 1 } })).toMatchObject({
    task_id: 't1',
  });
  expect(seen.at(-1)).toMatchObject({ method: 'POST', body: '{"a":1}' });
  await expect(client.request('GET', '/v1/none')).rejects.toMatchObject({ name: 'not_found' });
  await expect(createClient({ baseUrl: url }).request('GET', '/v1/version')).rejects.toThrow('certificate');
});
