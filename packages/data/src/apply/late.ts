import type { Step } from './exchange.ts';
import type { Side } from './side.ts';
import { DUE, FORGET_LATE, lateSql } from './sql/late-sql.ts';
import type { Plan } from './plan.ts';
import type { Tables } from './tables.ts';
import { enter } from './users-code.ts';

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

  /** The statements for what is due now, and the tables with code of users, where the rules decide. */
  async due(tables: Tables): Promise<{ readonly steps: readonly Step[]; readonly coded: readonly Plan[] }> {
    this.#looked = performance.now();
    const due = await this.#side.rows<Due>(DUE);
    const [rest] = await this.#side.rows<{ any: boolean }>('SELECT EXISTS (SELECT FROM windlass.late_recheck) AS any');
    this.#isEmpty = rest?.any !== true;
    const found: Found[] = [];
    for (const { oid, schema, name } of due)
      found.push({ oid, plan: schema !== null && name !== null ? await tables.planByName(schema, name) : undefined });
    const coded = found.flatMap(({ plan }) => (plan && plan.table.code.role !== null ? [plan] : []));
    return { steps: found.filter(({ plan }) => !plan || !coded.includes(plan)).flatMap(stepsOf), coded };
  }
}

interface Found {
  readonly oid: string;
  /** None of a table that is gone. */
  readonly plan: Plan | undefined;
}

function stepsOf({ oid, plan }: Found): Step[] {
  if (!plan || plan.table.key.length === 0) return [{ text: FORGET_LATE, values: [oid] }];
  return [...enter(plan), { text: lateSql(plan), values: [], about: plan.table.name, records: true }];
}
