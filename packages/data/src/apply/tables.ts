import type { Relation, TupleData } from '../source/postgres/index.ts';
import { DESCRIBE_TABLE, describedBy, describeTable, type DescribedTable } from '../node/index.ts';
import type { Ask } from './arrangement.ts';
import { NeedsPerson } from './errors.ts';
import { planOf, type Plan } from './plan.ts';
import type { Side } from './side.ts';
import { ownColumns } from './sql/statements.ts';
import { needsFolding, OWN_SCHEMA, type Folded } from '../sql/index.ts';
import type { VersionSql } from './sql/version-sql.ts';

/** The tables of it that are replicated as any other: beats, and from where sequences go on. */
const SHARED: ReadonlySet<string> = new Set(['heartbeat', 'sequence_floor']);
/** What is inserted there says that a parked row was removed for good: no row of its table says so. Users cannot write there. */
const REMOVAL = 'removal';

/** What users of a node did to its tables is inserted there, in the order of its transaction; users cannot write there. */
const DDL = 'ddl';

/** Rows of our own tables mean something on the node alone where they are. */
export const isOurs = ({ namespace, name }: Relation): boolean =>
  namespace === OWN_SCHEMA && !SHARED.has(name) && name !== REMOVAL;

export const isDdl = ({ namespace, name }: Relation): boolean => namespace === OWN_SCHEMA && name === DDL;

export const isRemoval = ({ namespace, name }: Relation): boolean => namespace === OWN_SCHEMA && name === REMOVAL;

/** The tables, by their names, where unique values collide: as long as something of them is parked, and until then at least. */
export type Careful = Map<string, number>;

/** How many texts are remembered in lower case. */
const MOST_FOLDED = 10_000;

/** Tables, by their names, in which something newer was found than what arrived: until when that counts. */
export class Contended {
  readonly #until = new Map<string, number>();

  found(table: string): void {
    this.#until.set(table, performance.now() + CONTENDED_MS);
  }

  has(table: string): boolean {
    const until = this.#until.get(table) ?? 0;
    if (until < performance.now()) this.#until.delete(table);
    return this.#until.has(table);
  }
}

/** For how long a table in which something newer was found is looked at thoroughly. */
const CONTENDED_MS = 10_000;

/** What is known of tables from one session to the next. */
export interface Remembered {
  readonly careful: Careful;
  readonly contended: Contended;
}

const PARKED = `SELECT DISTINCT n.nspname AS schema, c.relname AS name FROM windlass.parked p
  JOIN pg_catalog.pg_class c ON c.oid = p.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

const PREPARE_ROLE = 'SELECT windlass.prepare_role($1)';

/** What is known of the tables here, until something of it turns out to be wrong. */
export class Tables {
  readonly #side: Side;
  readonly #versions: VersionSql;
  #plans = new WeakMap<Relation, Plan>();
  readonly #tables = new Map<string, DescribedTable>();
  readonly #folded = new Map<string, string>();
  readonly #relations = new Map<string, Relation>();
  #within: Ask | undefined;

  readonly #careful: Careful;

  readonly #contended: Contended;

  constructor(side: Side, versions: VersionSql, { careful, contended }: Remembered) {
    this.#side = side;
    this.#contended = contended;
    this.#careful = careful;
    this.#versions = versions;
  }

  /**
   * Forgets all: DDL has changed them. `within`: the session of a transaction that has done so; nobody else sees it before it is committed, and others
   * would wait for its locks.
   */
  forget(within?: Ask): void {
    this.#plans = new WeakMap();
    this.#tables.clear();
    this.#relations.clear();
    this.#within = within;
  }

  /** What is known may be what one transaction alone has seen. */
  get isWithin(): boolean {
    return this.#within !== undefined;
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

  /** A table that no peer has named. */
  async planByName(namespace: string, name: string): Promise<Plan> {
    const columns = ownColumns(await this.#table({ namespace, name })).map((column) => ({
      ...{ name: column.name, isKey: false, typeOid: 0, typeModifier: -1 },
    }));
    const id = JSON.stringify([namespace, name]);
    const relation = this.#relations.get(id) ?? { oid: 0, namespace, name, replicaIdentity: 'default', columns };
    this.#relations.set(id, relation);
    return this.plan(relation);
  }

  /** What `fold` has learned. */
  get folded(): Folded {
    return this.#folded;
  }

  /** Asks how key values are written in lower case, where only the database knows. */
  async fold(plan: Plan, tuples: readonly TupleData[]): Promise<void> {
    if (this.#folded.size > MOST_FOLDED) this.#folded.clear();
    const values = tuples.flatMap((tuple) => plan.table.key.map((_, i) => tuple[plan.places[i] ?? -1]));
    for (const value of values) {
      if (typeof value !== 'string' || !needsFolding(value) || this.#folded.has(value)) continue;
      const [row] = await this.#side.rows<{ text: string }>('SELECT lower($1 COLLATE "default") AS text', [value]);
      this.#folded.set(value, row?.text ?? value);
    }
  }

  /** Whether unique values beside the key of this table may collide, some of its rows are parked, or code of users runs: then the rules decide in memory. */
  isCareful({ table }: Plan): boolean {
    return (
      table.code.role !== null ||
      this.#careful.has(table.name) ||
      table.uniqueIndexes.some((one) => one.deferrable && !one.exclusion)
    );
  }

  /** Something newer than what arrived was found in it lately. */
  isContended({ table }: Plan): boolean {
    return this.#contended.has(table.name);
  }

  get hasCareful(): boolean {
    return this.#careful.size > 0;
  }

  async carefulPlans(): Promise<Plan[]> {
    const rows = await this.#side.rows<{ schema: string; name: string }>(PARKED);
    return Promise.all(rows.map(({ schema, name }) => this.planByName(schema, name)));
  }

  /** Those that have no parked rows, and where nothing has collided lately, are as others again. */
  async forgetCareful(): Promise<void> {
    const parked = (await this.carefulPlans()).map(({ table }) => table.name);
    for (const [name, until] of this.#careful)
      if (until < performance.now() && !parked.includes(name)) this.#careful.delete(name);
    for (const name of parked) if (!this.#careful.has(name)) this.#careful.set(name, 0);
  }

  async #table({ namespace, name }: Pick<Relation, 'namespace' | 'name'>): Promise<DescribedTable> {
    const id = JSON.stringify([namespace, name]);
    const table = this.#tables.get(id) ?? (await this.#describe(namespace, name));
    if (!table)
      throw new NeedsPerson(
        `${namespace}.${name}`,
        `there is no table ${namespace}.${name} here: create it as it is on the sender`,
      );
    if (table.code.role !== null) await this.#prepareRole(table);
    this.#tables.set(id, table);
    return table;
  }

  async #prepareRole({ oid }: DescribedTable): Promise<void> {
    if (this.#within) await this.#within([{ text: PREPARE_ROLE, values: [String(oid)] }]);
    else await this.#side.rows(PREPARE_ROLE, [oid]);
  }

  async #describe(schema: string, relation: string): Promise<DescribedTable | undefined> {
    if (!this.#within) return this.#side.ask((client) => describeTable(client, { schema, relation }));
    const [answer] = await this.#within([{ text: DESCRIBE_TABLE, values: [schema, relation] }]);
    return describedBy(answer?.rows[0]?.[0]);
  }
}
