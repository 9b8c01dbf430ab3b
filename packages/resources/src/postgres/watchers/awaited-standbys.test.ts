import { AwaitedStandbys, type StandbySlot } from './awaited-standbys.ts';

const [A, B] = ['shop_n1_aaaaaaaa', 'shop_n1_bbbbbbbb'];
const slot = (name: string, at: number | null, active = true): StandbySlot => ({
  ...{ name, active },
  at: at === null ? null : BigInt(at),
});

/** Looks again and again; each line is how far the primary is, and its standbys. */
function over(looks: readonly (readonly [number, readonly StandbySlot[]])[], synchronous = ''): string[][] {
  const awaited = new AwaitedStandbys();
  let listed: string[] = [];
  return looks.map(([flushed, standbys]) => {
    listed = awaited.look({ flushed: BigInt(flushed), standbys, synchronous, listed });
    return listed;
  });
}

test('a standby is waited for once it has what the primary had at the look before', () => {
  expect(over([[10, [slot(A, 10)]], [20, [slot(A, 5)]], [30, [slot(A, 20)]]])).toEqual([[], [], [A]]); // prettier-ignore
});

test('one that is dead is out at the next look', () => {
  const looks = [[10, [slot(A, 10)]], [10, [slot(A, 10)]], [20, [slot(A, 20, false)]]] as const; // prettier-ignore
  expect(over(looks)).toEqual([[], [A], []]);
});

test('one that stands still is out after three looks, and in again when it has caught up', () => {
  const looks = [10, 10, 20, 30, 40, 50, 60].map((at, i): [number, StandbySlot[]] => [at, [slot(A, i < 6 ? 10 : 60)]]);
  expect(over(looks)).toEqual([[], [A], [A], [A], [A], [], [A]]);
});

test('at rest nobody is taken out', () => {
  expect(over(Array.from({ length: 6 }, () => [7, [slot(A, 7), slot(B, 7)]] as const)).at(-1)).toEqual([A, B]);
});

test.each(['"shop-n1-bbbbbbbb"', '2 ("shop-n1-bbbbbbbb","shop-n1-cccccccc")'])(
  'where commits wait for %s it is waited for whatever it does, and nobody else; never for a slot that does not exist',
  (synchronous) => {
    expect(over([[10, [slot(A, 10), slot(B, null, false)]]], synchronous)).toEqual([[B]]);
  },
);
