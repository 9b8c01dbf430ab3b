import { chain, kindFacts, on, record, want } from './plan.fixtures.ts';
import { plan } from './plan.ts';
import type { Finding } from './plan-types.ts';
import type { Desired } from './resource.ts';
import { planSentences } from './sentences.ts';
import type { ResourceRecord } from './records.ts';

const sentences = (current: ResourceRecord[], desired: Desired[], findings: Finding[] = [], force = false) =>
  planSentences(plan({ current, desired, findings, force, kindFacts }));

test('everything that is missing is created in the order of its dependencies', () => {
  const { steps } = plan({ current: [], desired: [...chain].reverse(), findings: [], kindFacts });
  expect(steps.map((s) => [s.ref.id, s.after])).toEqual([
    ['a', []],
    ['b', [0]],
    ['c', [1]],
  ]);
  expect(planSentences({ steps })[0]).toBe('create thing::a because it does not exist');
});

test('equal inputs give equal plans, whatever their order', () => {
  const one = plan({ current: [], desired: chain, findings: [], kindFacts });
  expect(plan({ current: [], desired: [...chain].reverse(), findings: [], kindFacts })).toEqual(one);
});

test('what a plan without steps has to say is not hidden behind "everything is as declared"', () => {
  expect(planSentences({ steps: [], notes: ['thing::a could not be looked at'] })).toEqual([
    'nothing to do',
    'thing::a could not be looked at',
  ]);
});

test('nothing to do is said', () => {
  expect(
    sentences(
      chain.map((d) => record(d)),
      chain,
    ),
  ).toEqual(['nothing to do: everything is as declared']);
});

test('a changed field is an update, an immutable one a replacement', () => {
  expect(sentences([record(want('a'))], [want('a', { size: 2 })])).toEqual([
    'update thing::a because its spec changed (size)',
  ]);
  expect(sentences([record(want('a', { name: 'x' }))], [want('a', { name: 'y' })])).toEqual([
    'replace thing::a because a field that cannot be changed in place changed (name)',
  ]);
});

test('only users of the output run again when a dependency changes', () => {
  const changed = [want('a', { size: 2 }), ...chain.slice(1)];
  expect(
    sentences(
      chain.map((d) => record(d)),
      changed,
    ),
  ).toEqual(['update thing::a because its spec changed (size)', 'update thing::b because something it uses changed']);
});

test('drift is repaired and a vanished resource is created again', () => {
  const ref = { kind: 'thing', id: 'c' };
  expect(
    sentences(
      chain.map((d) => record(d)),
      chain,
      [{ ref, missing: false, drift: ['size'] }],
    ),
  ).toEqual(['update thing::c because it was changed behind our back (size)']);
  expect(
    sentences(
      chain.map((d) => record(d)),
      chain,
      [{ ref, missing: true, drift: [] }],
    ),
  ).toEqual(['create thing::c because it does not exist']);
});

test('a failed attempt is done again, also when nothing else changed', () => {
  expect(sentences([record(want('a'), { phase: 'failed' })], [want('a')])).toEqual([
    'update thing::a because the previous attempt did not finish',
  ]);
  expect(sentences([record(want('a'), { phase: 'applying', status: undefined })], [want('a')])).toEqual([
    'create thing::a because the previous attempt did not finish',
  ]);
});

test('force applies what is unchanged', () => {
  expect(sentences([record(want('a'))], [want('a')], [], true)).toEqual(['update thing::a because it was asked for']);
});

test('what is not wanted is deleted, users first, and what lies within goes with it', () => {
  const inner = want('inner', {}, [on('b')], 'a');
  const { steps } = plan({ current: [...chain, inner].map((d) => record(d)), desired: [], findings: [], kindFacts });
  expect(steps.map((s) => [s.action, s.ref.id, s.after])).toEqual([
    ['delete', 'c', []],
    ['delete', 'b', [0]],
    ['delete', 'a', [1]],
  ]);
});

test('a step waits for changes further down, through unchanged ones', () => {
  const three = [want('a'), want('b', { size: 1 }, [on('a')]), want('c', { size: 1 }, [on('b')])];
  const { steps } = plan({
    current: three.map((d) => record(d)),
    desired: [want('a', { size: 2 }), three[1] as Desired, want('c', { size: 2 }, [on('b')])],
    findings: [],
    kindFacts,
  });
  expect(steps.map((s) => [s.ref.id, s.after])).toEqual([
    ['a', []],
    ['c', [0]],
  ]);
});

test('a cycle is an error that names its members', () => {
  const cycle = [want('a', {}, [on('b')]), want('b', {}, [on('a')])];
  expect(() => plan({ current: [], desired: cycle, findings: [], kindFacts })).toThrow('thing::a, thing::b');
});

/** Counts how often anything of a value is read, however deep. */
function counting<T extends object>(value: T, count: () => void): T {
  return new Proxy(value, {
    get: (target, name, receiver) => {
      count();
      const found: unknown = Reflect.get(target, name, receiver);
      return typeof found === 'object' && found !== null ? counting(found, count) : found;
    },
  });
}

/** How often the planner reads something of so many resources, all unchanged but the first ten. */
function readsOf(size: number): number {
  const many = Array.from({ length: size }, (_, i) =>
    want(`r${String(i)}`, { size: 1 }, i >= 10 ? [on(`r${String(i - 10)}`)] : []),
  );
  const desired = many.map((d, i) => (i < 10 ? { ...d, spec: { size: 2 } } : d));
  const input = { current: many.map((d) => record(d)), desired, findings: [] };
  let reads = 0;
  const { steps } = plan({ ...counting(input, () => (reads += 1)), kindFacts });
  expect(steps).toHaveLength(10);
  return reads;
}

test('planning grows linearly: a hundred more resources cost as much, however many there are already', () => {
  const [one, two, nine, ten] = [100, 200, 900, 1000].map(readsOf) as [number, number, number, number];
  expect(ten - nine).toBe(two - one);
});

test('force never replaces a kind that cannot be updated in place: it is made sure of', () => {
  const kindFacts = () => ({ immutable: [], updatable: false });
  const { steps } = plan({ current: [record(want('a'))], desired: [want('a')], findings: [], force: true, kindFacts });
  expect(steps.map((s) => s.action)).toEqual(['create']);
});

const turn = (id: string, member: string, group = 'g'): Desired => ({ ...want(id), rolling: { group, member } });
const changed = (d: Desired): Desired => ({ ...d, spec: { size: 2 } });

test('members of a group are changed one after the other, who is in charge last', () => {
  const members = [turn('a', 'a'), turn('b', 'b'), turn('c', 'c')];
  const { steps } = plan({
    current: members.map((d) => record(d)),
    desired: members.map(changed),
    findings: [],
    kindFacts,
    inCharge: () => 'a',
  });
  expect(steps.map((s) => [s.ref.id, s.after])).toEqual([
    ['b', []],
    ['c', [0]],
    ['a', [0, 1]],
  ]);
});

test('where the others can only follow, who is in charge goes first', () => {
  const members = [turn('a', 'a'), turn('b', 'b'), turn('c', 'c')];
  const { steps } = plan({
    current: members.map((d) => record(d)),
    desired: members.map(changed),
    findings: [],
    kindFacts: () => ({ ...kindFacts(), leads: () => true }),
    inCharge: () => 'b',
  });
  expect(steps.map((s) => [s.ref.id, s.after])).toEqual([
    ['b', []],
    ['a', [0]],
    ['c', [0, 1]],
  ]);
});

test('members of a group that does not exist yet are created all at once', () => {
  const { steps } = plan({ current: [], desired: [turn('a', 'a'), turn('b', 'b')], findings: [], kindFacts });
  expect(steps.map((s) => s.after)).toEqual([[], []]);
});

test('of alternatives one is enough: nothing to wait for when one is there, else for any of them', () => {
  const alternatives = [want('a'), want('b')];
  const user = want('u', { size: 1 }, [
    { ref: { kind: 'thing', id: 'a' }, anyOf: 'x' },
    { ref: { kind: 'thing', id: 'b' }, anyOf: 'x' },
  ]);
  const all = plan({ current: [], desired: [...alternatives, user], findings: [], kindFacts }).steps;
  expect(all.at(-1)).toMatchObject({ ref: { id: 'u' }, after: [], afterAny: [[[0], [1]]] });
  const one = plan({ current: [record(want('a'))], desired: [...alternatives, user], findings: [], kindFacts }).steps;
  expect(one.at(-1)).toMatchObject({ ref: { id: 'u' }, after: [] });
  expect(one.at(-1)?.afterAny).toBeUndefined();
});

test('a change that interrupts is told', () => {
  const facts = () => ({ ...kindFacts(), interrupts: () => true });
  const { steps } = plan({
    current: [record(want('a'))],
    desired: [changed(want('a'))],
    findings: [],
    kindFacts: facts,
  });
  expect(planSentences({ steps })).toEqual(['update thing::a because its spec changed (size), which interrupts it']);
});
