import { Ajv2020 } from 'ajv/dist/2020.js';
import { shopSpec, openFixture, type Fixture } from '../testing/fixture.ts';
import { declarationSchemas } from './schemas.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const schema = async () => (await f.call('GET', '/v1/schemas/database.json')).body;

test('an editor is told what a declaration may have: names that are wrong, what is missing, what is of another type', async () => {
  const check = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(await schema());
  const wrongs = (declaration: unknown): string[] => {
    check(declaration);
    return (check.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
  };
  const good = { kind: 'database', id: 'shop', spec: shopSpec };
  expect(wrongs(good)).toEqual([]);
  expect(wrongs({ ...good, kind: 'databse' })).toEqual(['/kind const']);
  expect(wrongs({ ...good, spec: { ...shopSpec, port: 'x', nods: [] } }).sort()).toEqual(['/spec additionalProperties', '/spec/port type']); // prettier-ignore
  expect(wrongs({ kind: 'database', spec: {} }).sort()).toEqual([' required', '/spec required', '/spec required']);
});

test('it is of the same schemas as the OpenAPI document, and refers to nothing outside of itself', async () => {
  const { $defs, properties } = (await schema()) as { $defs: Record<string, unknown>; properties: { spec: unknown } };
  const { body } = await f.call('GET', '/v1/openapi.json');
  const { schemas } = body['components'] as { schemas: Record<string, unknown> };
  const moved = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/')) as typeof schemas;
  expect(Object.keys($defs).length).toBeGreaterThan(10);
  for (const [name, one] of Object.entries($defs)) expect([name, one]).toEqual([name, moved[name]]);
  const referred = [...JSON.stringify({ $defs, properties }).matchAll(/"\$ref":"([^"]+)"/g)].map(([, one = '']) => one);
  expect(referred.filter((one) => !(one.slice('#/$defs/'.length) in $defs))).toEqual([]);
});

test('needs no login, which an editor has not; of what is no kind it names those there are', async () => {
  const answer = await f.app.inject({ url: '/v1/schemas/database.json', remoteAddress: '192.0.2.7' });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/schema+json; charset=utf-8']);
  expect(await f.call('GET', '/v1/schemas/host.json')).toMatchObject({
    status: 404,
    body: { name: 'not_found', message: "there is no schema 'host.json': there is database.json" },
  });
});

test('of a document that has none there are none', () => {
  expect([declarationSchemas(undefined).size, declarationSchemas({ paths: { '/v1/x/{x_id}': {} } }).size]).toEqual([
    0, 0,
  ]);
});
