import type pg from 'pg';
import type { Relation } from '../source/postgres/index.ts';
import type { TableHere } from './described.ts';
import { describe } from './describe.ts';
import { NeedsPerson } from './errors.ts';
import { planOf, type Plan } from './plan.ts';
import type { VersionSql } from './sql/version-sql.ts';

/** The schema of what Windlass keeps in a node's database. */
const OWN_SCHEMA = 'windlass';
/** The one table of it that is replicated as any other. */
const HEARTBEAT = 'heartbeat';

/** Rows of our own tables mean something on the node alone where they are. */
export const isOurs = ({ namespace, name }: Relation): boolean => namespace === OWN_SCHEMA && name !== HEARTBEAT;

/** What is known of the tables here, until something of it turns out to be wrong. */
export class Tables {
  readonly #client: () => Promise<pg.ClientBase>;
  readonly #versions: VersionSql;
  #plans = new WeakMap<Relation, Plan>();
  readonly #tables = new Map<string, TableHere>();

  constructor(client: () => Promise<pg.ClientBase>, versions: VersionSql) {
    this.#client = client;
    this.#versions = versions;
  }

  /** Known already. */
  known(relation: Relation): Plan | undefined {
    return this.#plans.get(relation);
  }

  /** Throws `NeedsPerson` when there is no such table, or none that it can be written to. */
  async plan(relation: Relation): Promise<Plan> {
    const known = this.#plans.get(relation);
    if (known) return known;
    const plan = planOf(relation, await this.#table(relation), this.#versions);
    this.#plans.set(relation, plan);
    return plan;
  }

  /** Undefined of what has no rows of its own: a partitioned table, whose partitions are named beside it. */
  async planOfTruncated(relation: Relation): Promise<Plan | undefined> {
    return (await this.#table(relation)).kind === 'partitioned' ? undefined : this.plan(relation);
  }

  async #table({ namespace, name }: Relation): Promise<TableHere> {
    const id = JSON.stringify([namespace, name]);
    const table = this.#tables.get(id) ?? (await describe(await this.#client(), namespace, name));
    if (!table)
      throw new NeedsPerson(
        `${namespace}.${name}`,
        `there is no table ${namespace}.${name} here: create it as it is on the sender`,
      );
    this.#tables.set(id, table);
    return table;
  }
}
