import { inputsHash } from './inputs-hash.ts';
import { chain, kindFacts, on, record, want } from './plan.fixtures.ts';
import { plan } from './plan.ts';
import { refKey, type Dependency, type Desired } from './resource.ts';
import { planSentences } from './sentences.ts';

const at = (id: string, more: Partial<Dependency> = {}): Dependency => ({
  ref: { kind: 'thing', id, of: { kind: 'database', id: 'shop' } },
  output: true,
  ...more,
});
const there = { 'database/shop/thing::n1': { address: 'a' } };
const stored = (desired: Desired) =>
  record(desired, {
    inputsHash: inputsHash(desired, (ref) => (ref.of ? there['database/shop/thing::n1'] : { ok: ref.id })),
  });
const planned = (desired: Desired[], foreign: Record<string, unknown>, current = desired.map(stored)) =>
  plan({ current, desired, findings: [], kindFacts, foreign: new Map(Object.entries(foreign)) });
const sentences = (...args: Parameters<typeof planned>) => planSentences(planned(...args));
const user = want('user', { size: 1 }, [at('n1'), on('a')]);

describe('a dependency on a resource of another entity', () => {
  it('is printed with the entity, and is another one than its own of that name', () => {
    expect([refKey(at('a').ref), refKey(on('a').ref)]).toEqual(['database/shop/thing::a', 'thing::a']);
  });

  it('is no step of the plan, and nothing to wait for', () => {
    const { steps } = planned([want('a'), user], there, []);
    expect(steps.map((s) => [s.ref.id, s.after])).toEqual([
      ['a', []],
      ['user', [0]],
    ]);
  });

  it('whose status is the same needs nothing; whose status changed makes an update', () => {
    expect(sentences([want('a'), user], there)).toEqual(['nothing to do: everything is as declared']);
    expect(sentences([want('a'), user], { 'database/shop/thing::n1': { address: 'b' } })).toEqual([
      'update thing::user because something it uses changed',
    ]);
  });

  it('only counts by its status where its output is used', () => {
    const ordered = want('user', { size: 1 }, [at('n1', { output: false })]);
    expect(sentences([ordered], { 'database/shop/thing::n1': 'other' })).toEqual([
      'nothing to do: everything is as declared',
    ]);
  });

  it.each([
    ['one', [at('n1')], /^'thing::user' needs 'database\/shop\/thing::n1', which is not there$/],
    [
      'two',
      [at('n2'), at('n3')],
      /needs 'database\/shop\/thing::n2' and 'database\/shop\/thing::n3', which are not there$/,
    ],
    ['all alternatives', [at('n2', { anyOf: 'x' }), at('n3', { anyOf: 'x' })], /n2' and .*n3', which are not there$/],
  ])('that is not there refuses the plan, in words: %s', (_name, dependsOn, words) => {
    const wanted = want('user', { size: 1 }, dependsOn);
    expect(() => planned([wanted], {}, [])).toThrow(words);
    expect(() => planned([wanted], {})).toThrow(words);
    expect(() => planned([wanted], {}, [])).toThrow(expect.objectContaining({ code: 'operation_refused' }) as Error);
  });

  it('of alternatives one is enough', () => {
    const wanted = want('user', { size: 1 }, [at('n1', { anyOf: 'x' }), at('n2', { anyOf: 'x' })]);
    expect(planned([wanted], there, []).steps).toHaveLength(1);
  });

  it('holds up neither what is paused nor a delete', () => {
    expect(planned([{ ...user, paused: true }], {}, []).steps).toEqual([]);
    expect(planned([], {}, [stored(user)]).steps.map((s) => s.action)).toEqual(['delete']);
  });

  it('is never taken for one of its own: neither its change nor its delete has a say', () => {
    const twin = want('n1', { size: 2 });
    const current = [stored(want('n1')), stored(user), stored(want('a'))];
    expect(sentences([twin, user, want('a')], there, current)).toEqual([
      'update thing::n1 because its spec changed (size)',
    ]);
    const { steps } = planned([user, want('a')], there, current);
    expect(steps.map((s) => [s.action, s.ref.id, s.after])).toEqual([['delete', 'n1', []]]);
  });

  it('makes equal plans of equal inputs, whatever their order', () => {
    const all = [...chain, user];
    expect(planned([...all].reverse(), there)).toEqual(planned(all, there));
  });
});
