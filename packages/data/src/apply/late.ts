import type { Step } from './exchange.ts';
import type { Side } from './side.ts';
import { DUE, FORGET_LATE, lateSql } from './sql/late-sql.ts';
import type { Tables } from './tables.ts';

/** How often it is looked, in ms. */
const EVERY_MS = 200;

interface Due {
  readonly oid: string;
  /** NULL when the table is gone. */
  readonly schema: string | null;
  readonly name: string | null;
}

/** Deletes that found nothing: when it is time for another look at their keys. */
export class LateRecheck {
  readonly #side: Side;
  #isEmpty = false;
  #looked = 0;

  constructor(side: Side) {
    this.#side = side;
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
  async steps(tables: Tables): Promise<Step[]> {
    this.#looked = performance.now();
    const due = await this.#side.rows<Due>(DUE);
    const [rest] = await this.#side.rows<{ any: boolean }>('SELECT EXISTS (SELECT FROM windlass.late_recheck) AS any');
    this.#isEmpty = rest?.any !== true;
    return Promise.all(due.map((one) => stepOf(tables, one)));
  }
}

async function stepOf(tables: Tables, { oid, schema, name }: Due): Promise<Step> {
  const plan = schema !== null && name !== null ? await tables.planByName(schema, name) : undefined;
  if (!plan || plan.table.key.length === 0) return { text: FORGET_LATE, values: [oid] };
  return { text: lateSql(plan), values: [], about: plan.table.name, records: true };
}
