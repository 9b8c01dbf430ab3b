import { readdirSync } from 'node:fs';
import path from 'node:path';
import { SCOPES } from '@windlass/resources/api';
import { ERRORS } from '@windlass/resources/errors';
import type { Route } from './core/route.ts';
import { errorsOf } from './core/route-errors.ts';
import { routes } from './routes/index.ts';
import { openFixture, type Fixture } from './testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

test('what a file in a folder routes/ makes is listed, a single route under its own name, and all are in the OpenAPI document', async () => {
  const files = readdirSync(__dirname, { recursive: true })
    .map(String)
    .filter((file) => /^[a-z]+\/routes\/[a-z-]+\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const made = Object.values((await import(path.join(__dirname, file))) as Record<string, Route | Route[]>);
    expect([file, made.flat().filter((route) => !routes.includes(route))]).toEqual([file, []]);
    const single = made.filter((one): one is Route => !Array.isArray(one));
    expect(single.map((route) => `${route.operationId}.ts`)).toEqual(single.map(() => path.basename(file)));
  }
  const listed = routes.map((r) => r.operationId);
  expect(new Set(listed).size).toBe(listed.length);
  const { body } = await f.call('GET', '/v1/openapi.json');
  const documented = Object.values(body['paths'] as Record<string, Record<string, { operationId?: string }>>).flatMap(
    (p) => Object.values(p).map((o) => o.operationId),
  );
  const internal = routes.filter((r) => r.internal).map((r) => r.operationId);
  expect(listed.filter((id) => !documented.includes(id))).toEqual(internal);
});

test('the OpenAPI document has every schema it refers to, and every status a route may answer, with the names', async () => {
  const document = (await f.call('GET', '/v1/openapi.json')).body;
  const { schemas } = document['components'] as { schemas: Record<string, unknown> };
  const referred = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([\w.-]+)/g)].map((m) => m[1] ?? '');
  expect(referred.filter((name) => !(name in schemas))).toEqual([]);
  type Operation = { operationId?: string; responses: Record<string, { description: string }> };
  const operations = Object.values(document['paths'] as Record<string, Record<string, Operation>>).flatMap((p) =>
    Object.values(p),
  );
  for (const route of routes.filter((one) => one.internal !== true)) {
    const responses = operations.find((one) => one.operationId === route.operationId)?.responses ?? {};
    const missing = errorsOf(route).filter(
      (name) => responses[String(ERRORS[name].status)]?.description.includes(`\`${name}\``) !== true,
    );
    expect([route.operationId, missing]).toEqual([route.operationId, []]);
    expect(Object.keys(responses)).toContain(route.response === undefined ? '204' : '200');
  }
});

test('the OpenAPI document names every kind of entity that a task may be about', async () => {
  const document = (await f.call('GET', '/v1/openapi.json')).body;
  type Schema = { properties: { scope: unknown } };
  const { schemas } = document['components'] as { schemas: Record<'Task' | 'TaskLog', Schema> };
  for (const name of ['Task', 'TaskLog'] as const)
    expect(schemas[name].properties.scope).toMatchObject({ type: 'string', enum: SCOPES });
});

test('the OpenAPI document says of every route whether it takes a login, and of which role', async () => {
  const document = (await f.call('GET', '/v1/openapi.json')).body;
  type Operation = { operationId?: string; description?: string; security?: unknown };
  const operations = Object.values(document['paths'] as Record<string, Record<string, Operation>>).flatMap((p) =>
    Object.values(p),
  );
  for (const { operationId, needs } of routes.filter((one) => one.internal !== true)) {
    const { description = '', security } = operations.find((one) => one.operationId === operationId) ?? {};
    const said = needs === 'open' ? [undefined, ''] : [[{ token: [] }], expect.stringMatching(needs === 'member' ? /hosts/ : new RegExp(needs))]; // prettier-ignore
    expect([operationId, security, description]).toEqual([operationId, ...said]);
  }
});
