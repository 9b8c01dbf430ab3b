import fc from 'fast-check';

/** What fast-check draws, the same for the same seed; every number as likely as the others. */
export class Random {
  readonly #draw: fc.GeneratorValue;

  constructor(seed: number) {
    const [draw] = fc.sample(fc.noBias(fc.gen()), { seed, numRuns: 1 });
    if (!draw) throw new Error('nothing to draw from');
    this.#draw = draw;
  }

  /** A whole number from 0 to below `below`. */
  below(below: number): number {
    return this.#draw(fc.nat, { max: below - 1 });
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.below(1000) < probability * 1000;
  }

  pick<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  /** One that goes on by itself, the same for the same seed. */
  fork(): Random {
    return new Random(this.below(2 ** 31));
  }
}
