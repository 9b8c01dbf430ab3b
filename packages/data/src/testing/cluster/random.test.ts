import { Random } from './random.ts';

describe('what is drawn', () => {
  const drawn = (random: Random): readonly number[] => Array.from({ length: 6000 }, () => random.below(60));

  it('is the same for the same seed, also of forks, and not for another', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => new Random(seed));
    expect(drawn(one as Random)).toEqual(drawn(same as Random));
    expect((one as Random).fork().below(1e6)).toBe((same as Random).fork().below(1e6));
    expect(drawn(other as Random)).not.toEqual(drawn(new Random(7)));
  });

  it('is as likely as everything else', () => {
    const counts = new Map<number, number>();
    for (const one of drawn(new Random(1))) counts.set(one, (counts.get(one) ?? 0) + 1);
    expect(counts.size).toBe(60);
    expect(Math.max(...counts.values())).toBeLessThan(200);
  });
});
