type Work = () => Promise<unknown>;

/** What a file says of one value, as it would to jest. */
interface Lane {
  beforeAll(work: Work): void;
  afterAll(work: Work): void;
  test(name: string, work: Work): void;
}
interface Said<T> {
  readonly before: Work[];
  readonly after: Work[];
  readonly tests: Map<string, { readonly of: T; readonly work: Work }[]>;
}

/**
 * The tests of `body` for each value, in their order; the same test of all values runs at once, so that they wait together.
 * Every value has a database of its own, and every test its own result.
 */
export function sideBySide<T>(title: string, all: readonly T[], body: (one: T, lane: Lane) => void): void {
  describe(title, () => {
    const said: Said<T> = { before: [], after: [], tests: new Map() };
    for (const one of all) body(one, laneOf(one, said));
    beforeAll(() => allOf(said.before));
    afterAll(() => allOf(said.after));
    for (const [name, each] of said.tests) {
      const running = together(each.map(({ work }) => work));
      for (const [i, { of }] of each.entries()) test(`${String(of)}: ${name}`, () => running(i));
    }
  });
}

const laneOf = <T>(of: T, { before, after, tests }: Said<T>): Lane => ({
  beforeAll: (work) => void before.push(work),
  afterAll: (work) => void after.push(work),
  test: (name, work) => void tests.set(name, [...(tests.get(name) ?? []), { of, work }]),
});

/** Begins all at once and ends when each has ended; throws what one of them threw. */
async function allOf(works: readonly Work[]): Promise<void> {
  for (const end of await Promise.allSettled(works.map((work) => work())))
    if (end.status === 'rejected') throw end.reason;
}

/** The first that is asked for begins them all. */
function together(works: readonly Work[]): (i: number) => Promise<void> {
  let begun: readonly Promise<PromiseSettledResult<unknown>[]>[] | undefined;
  return async (i) => {
    begun ??= works.map((work) => Promise.allSettled([work()]));
    for (const end of (await begun[i]) ?? []) if (end.status === 'rejected') throw end.reason;
  };
}
