/** What one fault showed. Times in milliseconds. */
export interface Round {
  readonly number: number;
  readonly name: string;
  readonly outageMs: number;
  readonly recoveredMs: number;
  readonly statusLagMs: number;
  readonly probes: number;
  /** Marks the writer's rows; empty when the round broke off. */
  readonly run: string;
  readonly acknowledged: number;
  readonly lost: number;
  readonly wrong: readonly string[];
}
export interface Verdict {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly text: string;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);
const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** Sums up a run: a line for each kind of fault, then what was wrong, then one word. */
export function verdictOf(
  seed: number,
  minutes: number,
  rounds: readonly Round[],
  atTheEnd: readonly string[],
): Verdict {
  const wrong = [
    ...rounds.flatMap((r) => r.wrong.map((w) => `round ${String(r.number)}, ${r.name}: ${w}`)),
    ...atTheEnd,
  ];
  const names = [...new Set(rounds.map((r) => r.name))].sort();
  const lines = names.map((name) => {
    const of = rounds.filter((r) => r.name === name);
    const most = (pick: (r: Round) => number): string => seconds(Math.max(...of.map(pick))).padStart(8);
    return `${name.padEnd(36)} ${String(of.length).padStart(5)} ${most((r) => r.outageMs)} ${most((r) => r.recoveredMs)}`;
  });
  const [writes, probes] = [total(rounds.map((r) => r.acknowledged)), total(rounds.map((r) => r.probes))];
  return {
    seed,
    wrong,
    text: [
      `${'fault'.padEnd(36)} times  outage   healed    (longest, seconds)`,
      ...lines,
      ...wrong.map((line) => `WRONG: ${line}`),
      `${String(minutes)} minutes, seed ${String(seed)}: ${String(rounds.length)} faults, ${String(writes)} acknowledged writes, ` +
        `${String(total(rounds.map((r) => r.lost)))} lost${probes > 0 ? `, ${String(probes)} probes of every member` : ''}`,
      `verdict: ${wrong.length === 0 && rounds.length > 0 ? 'CLEAN' : 'NOT CLEAN'}`,
    ].join('\n'),
  };
}

export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A round as it is printed while others go on. */
export const sayRound = (round: Round): void =>
  say(
    `${String(round.number).padStart(3)} ${round.name}: ${JSON.stringify({ ...round, name: undefined, run: undefined })}`,
  );
