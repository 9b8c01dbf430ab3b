import { areNullsEqual, type Row } from '../converge/index.ts';
import { isComputedColumn } from '../node/index.ts';
import type { Ask } from './arrangement.ts';
import type { Step } from './exchange.ts';
import { asWritten, withComputed } from './key-rows.ts';
import { computedIndexes, computedSql } from './sql/computed-sql.ts';
import { readTexts } from './sql/output.ts';
import { ownColumns, type StatementsOf } from './sql/statements.ts';
import { rowByComputedSql, rowByValuesSql } from './sql/unique-sql.ts';
import { forUsers } from './users-code.ts';

/** What the server is asked about rows of one table that others may collide with; nothing of it twice. */
export class Questions {
  readonly #of: StatementsOf;
  readonly #ask: Ask;
  readonly #asked = new Set<string>();

  constructor(of: StatementsOf, ask: Ask) {
    this.#of = of;
    this.#ask = ask;
  }

  /**
   * The rows with what they are in computed indexes; the very same array where nobody has to be asked for that. `before`: statements that come before the
   * first question, if there is one.
   */
  async complete(rows: readonly Row[], before: readonly Step[] = []): Promise<readonly Row[]> {
    const { table } = this.#of;
    if (rows.length === 0 || computedIndexes(table).length === 0) return rows;
    const text = computedSql(table);
    const steps = rows.map((row) => forUsers(this.#of, text, this.#values(row), true));
    const answers = (await this.#ask([...before, ...steps.flat()])).slice(before.length);
    const width = steps[0]?.length ?? 1; // what follows a question has no rows
    return rows.map((row, i) => withComputed(table, row, readTexts(answers[i * width]?.rows ?? [])[0] ?? []));
  }

  /** Which rows have the keys and the unique values of these. */
  about(rows: readonly Row[]): Step[] {
    const { key, unique } = this.#of.table;
    return rows.flatMap((row) => [key, ...unique].flatMap((columns) => this.#question(row, columns)));
  }

  #question(row: Row, columns: readonly string[]): Step[] {
    const values = columns.map((name) => row[name] ?? null);
    const id = JSON.stringify([columns, values]);
    if ((values.includes(null) && !areNullsEqual(this.#of.table, columns)) || this.#asked.has(id)) return [];
    this.#asked.add(id);
    const [computed] = columns.filter(isComputedColumn);
    if (computed !== undefined)
      return forUsers(this.#of, rowByComputedSql(this.#of, computed), this.#values(row), true);
    const nulls = columns.filter((_, i) => values[i] === null);
    const text = rowByValuesSql(this.#of, columns, nulls);
    return forUsers(
      this.#of,
      text,
      values.filter((value) => value !== null),
      true,
    );
  }

  /** In the order of the table's own columns. */
  #values(row: Row): (string | null)[] {
    const written = asWritten(row);
    return ownColumns(this.#of.table).map(({ name }) => written[name] ?? null);
  }
}
