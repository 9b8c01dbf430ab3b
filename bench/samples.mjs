// What was measured, and how it is shown: medians, ranges, counts; ratios only of what was measured side by side.
const sorted = (values) => [...values].sort((a, b) => a - b);
/** Linear between neighbours: of two values the median is their mean. */
export function quantile(values, q) {
  const all = sorted(values);
  const at = (all.length - 1) * q;
  const low = all[Math.floor(at)];
  return low + (all[Math.ceil(at)] - low) * (at % 1);
}
export const median = (values) => quantile(values, 0.5);

const show = (value, unit) => {
  if (unit === 'ratio') return value.toFixed(2);
  if (unit === 's') return (value / 1000).toFixed(2);
  if (unit === 'rows' || unit === 'outages') return String(Math.round(value));
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
};

export class Samples {
  #rows = new Map();

  /** Adds one value of a row; `unit` is ms (default), s (given in ms), ratio, %, MB, or a word. */
  note(what, value, { unit = 'ms', goal = '', q } = {}) {
    const row = this.#rows.get(what) ?? { unit, goal, q, values: [] };
    row.values.push(value);
    this.#rows.set(what, row);
  }

  /** Runs `work` and adds the milliseconds it took. */
  async time(what, work, options) {
    const begun = performance.now();
    const result = await work();
    this.note(what, performance.now() - begun, options);
    return result;
  }

  get empty() {
    return this.#rows.size === 0;
  }

  table() {
    const lines = [...this.#rows].map(([what, { unit, goal, q, values }]) => {
      const all = sorted(values);
      const f = (value) => show(value, unit);
      const range = all.length === 1 ? '' : `${f(all[0])} to ${f(all.at(-1))}`;
      const name = unit === 'ratio' ? what : `${what}, ${unit}`;
      return `| ${name} | ${f(quantile(all, q ?? 0.5))} | ${range} | ${all.length} | ${goal} |`;
    });
    return ['| what | median | range | n | goal |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
  }
}
