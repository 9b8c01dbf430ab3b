import { accept, completed, logOf, remove } from './client.ts';
import { SeveralNodes } from './several-nodes.ts';
import { TABLE, whileTheyWrite, writeTo } from './node-writers.ts';
import { ENV, HOST, until } from './stack.ts';
import { versionOf } from './versions.ts';

const ID = 'create-nodes';
const MAJORS = ENV.WINDLASS_POSTGRES_MAJORS.split(' ').map(Number);
const db = new SeveralNodes(ID);
/** A superuser is kept out, too. */
const app = { username: 'app', password: 'pw-app', db_owner: true, attributes: ['LOGIN', 'SUPERUSER'] };
const spec = (more: object = {}) => ({
  ...{ database_name: 'shop', database_users: [app] },
  nodes: ['n1', 'n2', 'n3'].map((name) => ({ name, host_ids: [HOST], port: 0 })),
  ...more,
});

afterEach(async () => {
  await db.close();
  await remove(ID).catch(() => undefined);
});

test('what scripts make is the same on all nodes: the first runs them, the others are copies of it', async () => {
  const made = `${TABLE}; INSERT INTO w SELECT gen_random_uuid()::text, i, clock_timestamp()::text FROM generate_series(1, 500) i`;
  const scripts = { post_database_create: made.split('; ') };
  const task = await accept('POST', '/v1/databases', { id: ID, spec: spec({ scripts }) });
  await completed(ID, task, 600_000);
  const log = await logOf(ID, task);
  const at = (text: string): number => log.findIndex((line) => line.startsWith(text));
  const ran = at('finished creating resource postgres.script::n1:post_database_create');
  expect(ran).toBeGreaterThan(-1);
  expect(ran).toBeLessThan(at('creating resource replication.schema::n1'));
  expect(await db.equal('w', ['n1', 'n2', 'n3'])).toHaveLength(500);
}, 300_000);

test('a node begins as a copy of the one that is its source_node', async () => {
  const { nodes, ...others } = spec();
  const copied = nodes.map((node) => (node.name === 'n3' ? { ...node, source_node: 'n2' } : node));
  await completed(ID, await accept('POST', '/v1/databases', { id: ID, spec: { ...others, nodes: copied } }), 600_000);
  const { id: of } = await db.primaryOf('n3');
  const source = 'SELECT n.name FROM windlass.copied c JOIN windlass.node n ON n.number = c.node';
  expect(await db.inside(of, source)).toBe('n2\n');
  await db.sql('n1', TABLE);
  await db.sql('n1', `INSERT INTO w VALUES ('a', 1, 'n1')`);
  await until('the table to be everywhere', async () => (await db.sql('n3', 'SELECT FROM w')).length === 1);
  expect(await db.equal('w')).toHaveLength(1);
}, 300_000);

test.each(MAJORS)(
  'what users write from the moment a new node lets them in is on all nodes, Postgres %i',
  async (major) => {
    const version = { postgres_version: await versionOf(major) };
    const task = await accept('POST', '/v1/databases', { id: ID, spec: spec(version) });
    const writers = ['n1', 'n2', 'n3'].map((name) =>
      writeTo(name, async () => {
        const client = await db.connect(name);
        await client.query(TABLE);
        return client;
      }),
    );
    const done = await whileTheyWrite(writers, () => completed(ID, task, 600_000));
    expect(Math.min(...done.map(({ transactions }) => transactions))).toBeGreaterThan(0);
    expect((await db.equal('w', ['n1', 'n2', 'n3'])).length).toBeGreaterThan(100);
  },
  300_000,
);
