import type pg from 'pg';
import { describe } from './describe.ts';
import type { Step } from './exchange.ts';
import { DUE, FORGET_LATE, lateSql } from './sql/late-sql.ts';
import type { VersionSql } from './sql/version-sql.ts';

/** How often it is looked, in ms. */
const EVERY_MS = 200;

/** Deletes that found nothing: when it is time for another look at their keys. */
export class LateRecheck {
  readonly #client: () => Promise<pg.ClientBase>;
  #isEmpty = false;
  #looked = 0;

  constructor(client: () => Promise<pg.ClientBase>) {
    this.#client = client;
  }

  /** Some delete may have found nothing. */
  expect(): void {
    this.#isEmpty = false;
  }

  /** In how many ms it is worth a look; undefined: there is nothing to look for. */
  get dueInMs(): number | undefined {
    return this.#isEmpty ? undefined : Math.max(0, this.#looked + EVERY_MS - performance.now());
  }

  /** The statements for what is due now. */
  async steps(versions: VersionSql): Promise<Step[]> {
    const client = await this.#client();
    this.#looked = performance.now();
    const { rows } = await client.query<{ oid: string; schema: string | null; name: string | null }>(DUE);
    const { rows: rest } = await client.query<{ any: boolean }>(
      'SELECT EXISTS (SELECT FROM windlass.late_recheck) AS any',
    );
    this.#isEmpty = rest[0]?.any !== true;
    return Promise.all(rows.map(({ oid, schema, name }) => stepOf(client, versions, { oid, schema, name })));
  }
}

async function stepOf(
  client: pg.ClientBase,
  versions: VersionSql,
  { oid, schema, name }: { oid: string; schema: string | null; name: string | null },
): Promise<Step> {
  const table = schema !== null && name !== null ? await describe(client, schema, name) : undefined;
  if (!table || table.key.length === 0) return { text: FORGET_LATE, values: [oid] };
  return {
    text: lateSql({ table, columns: table.columns, versions }),
    values: [],
    about: `${table.schema}.${table.name}`,
    records: true,
  };
}
