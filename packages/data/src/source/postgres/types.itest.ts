import type pg from 'pg';
import { readUntil, untilMark } from '../../testing/collect.ts';
import { MAJORS, RealPostgres } from '../../testing/real-postgres.ts';
import { NO_INPUT, NOT_READ_BACK, SAMPLES } from '../../testing/type-samples.ts';
import type { ColumnValue, InsertEvent } from './index.ts';

interface BuiltIn {
  readonly name: string;
  /** Its array; an array of text where it has none, or none that can be sent as bytes. */
  readonly array: string;
}
/** Every type of values that comes with Postgres, arrays left out: each gets one of its own below. */
const TYPES = `SELECT typname AS name,
  CASE WHEN typarray = 0 OR typname = 'aclitem' THEN 'text[]' ELSE format('pg_catalog.%I[]', typname) END AS array FROM pg_type
  WHERE typtype IN ('b', 'r', 'm') AND typnamespace = 'pg_catalog'::regnamespace AND typcategory <> 'A' ORDER BY 1`;
const tableOf = (type: BuiltIn): string => `t_${type.name.replaceAll('"', '')}`;
const quoted = (name: string): string => `pg_catalog."${name}"`;

describe.each(MAJORS)('values of Postgres %i', (major) => {
  let server: RealPostgres;
  let client: pg.Client;
  let database: string;
  let types: readonly BuiltIn[];

  beforeAll(async () => {
    server = await RealPostgres.start(major);
    database = await server.database();
    client = await server.client(database);
    types = (await client.query<BuiltIn>(TYPES)).rows;
    await client.query(types.map(create).join(';'));
    await client.query(`CREATE PUBLICATION p FOR TABLE ${types.map(tableOf).join(', ')}`);
  });
  afterAll(() => server.stop());

  it('has a sample of every type', () => {
    const known = new Set([...Object.keys(SAMPLES), ...NO_INPUT]);
    expect(types.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it.each([false, true])('gives every type back as it was (binary: %s)', async (binary) => {
    const session = await server.session(database);
    const slot = `types_${String(binary)}`;
    await session.createSlot({ name: slot });
    await client.query(types.map((type) => `TRUNCATE copy_${tableOf(type)}`).join(';'));
    await client.query(types.map((type) => fill(type, binary)).join(';'));
    await client.query(`SELECT pg_logical_emit_message(false, 'mark', '')`);
    const options = { slot, publications: ['p'], binary, messages: true };
    const stream = await session.startReplication(options, { spillDirectory: server.directory });
    const inserts = (await readUntil(stream, untilMark('mark'))).filter((event) => event.kind === 'insert');
    for (const insert of inserts) await putBack(insert);
    for (const type of types) expect([type.name, await differing(type)]).toEqual([type.name, []]);
    expect(inserts.length).toBe(types.reduce((sum, type) => sum + samplesOf(type, binary).length + 1, 0));
    if (binary) expectBinary(inserts);
    await stream.close();
  });

  it('cannot give an array as bytes whose elements have no send function: Postgres ends the stream', async () => {
    await client.query(`CREATE TABLE acl (id int PRIMARY KEY, a aclitem[]); CREATE PUBLICATION acl FOR TABLE acl`);
    const session = await server.session(database);
    await session.createSlot({ name: 'acl' });
    await client.query(`INSERT INTO acl VALUES (1, ARRAY['=r/windlass'::aclitem])`);
    const start = { slot: 'acl', publications: ['acl'], binary: true };
    const stream = await session.startReplication(start, { spillDirectory: server.directory });
    const failure = { code: 'postgres_rejected', details: { sqlstate: '42883' } };
    await expect(readUntil(stream, () => false)).rejects.toMatchObject(failure);
  });

  function create(type: BuiltIn): string {
    const columns = `id int PRIMARY KEY, v ${quoted(type.name)}, a ${type.array}`;
    return `CREATE TABLE ${tableOf(type)} (${columns}); CREATE TABLE copy_${tableOf(type)} (${columns})`;
  }

  const samplesOf = ({ name }: BuiltIn, binary: boolean): readonly string[] =>
    (SAMPLES[name] ?? []).filter((sample) => !binary || NOT_READ_BACK[name] !== sample);

  /** A row for each sample, and one of NULL. */
  function fill(type: BuiltIn, binary: boolean): string {
    const from = binary ? 1000 : 0;
    const rows = samplesOf(type, binary).map((sample, i) => {
      const value = `'${sample.replaceAll("'", "''")}'::${quoted(type.name)}`;
      return `(${String(from + i + 1)}, ${value}, ARRAY[${value}, NULL]::${type.array})`;
    });
    return `INSERT INTO ${tableOf(type)} VALUES ${[`(${String(from)}, NULL, NULL)`, ...rows].join(', ')}`;
  }

  /** As a consumer would: what came as text is given as text, what came as bytes as bytes. */
  async function putBack({ relation, newTuple }: InsertEvent): Promise<void> {
    const name = relation.name.slice(2);
    const array = types.find((type) => type.name === name)?.array ?? '';
    await client.query(
      `INSERT INTO copy_${relation.name} VALUES ($1::int, $2::${quoted(name)}, $3::${array})`,
      newTuple.map((value) => (typeof value === 'symbol' ? null : value)),
    );
  }

  async function differing(type: BuiltIn): Promise<unknown[]> {
    const { rows } = await client.query(`SELECT c.id, t.v::text AS is, c.v::text AS was FROM copy_${tableOf(type)} c
      LEFT JOIN ${tableOf(type)} t ON t.id = c.id
      WHERE t.id IS NULL OR t.v::text IS DISTINCT FROM c.v::text OR t.a::text IS DISTINCT FROM c.a::text`);
    return rows;
  }

  /** Whatever has a send function comes as bytes. */
  function expectBinary(inserts: readonly InsertEvent[]): void {
    const asText = inserts
      .filter(({ newTuple }) => typeof newTuple[1] === 'string')
      .map(({ relation }) => relation.name);
    expect([...new Set(asText)]).toEqual(['t_aclitem']);
    const isBytes = (value: ColumnValue | undefined): boolean => Buffer.isBuffer(value);
    expect(inserts.every(({ newTuple }) => isBytes(newTuple[0]))).toBe(true);
  }
});
