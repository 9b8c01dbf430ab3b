import { chain, kindFacts, record, want } from './plan.fixtures.ts';
import { plan } from './plan.ts';
import { planSentences } from './sentences.ts';
import type { ResourceRecord } from './records.ts';

const size = (spec: unknown): number => (spec as { size: number }).size;

test('what its kind says cannot be changed like this is replaced, any other change is made in place', () => {
  const facts = () => ({ ...kindFacts(), replaces: (a: unknown, b: unknown) => size(b) < size(a) });
  const planned = (from: object, to: object, more: Partial<ResourceRecord> = {}) =>
    planSentences(
      plan({ current: [record(want('a', from), more)], desired: [want('a', to)], findings: [], kindFacts: facts }),
    );
  expect(planned({ size: 2 }, { size: 1 })).toEqual([
    'replace thing::a because a change like this one cannot be made in place (size)',
  ]);
  expect(planned({ size: 1 }, { size: 2 })).toEqual(['update thing::a because its spec changed (size)']);
  expect(planned({ size: 2 }, { size: 2 })).toEqual(['nothing to do: everything is as declared']);
  expect(planned({ size: 2 }, { size: 1 }, { phase: 'applying', status: undefined })).toEqual([
    'replace thing::a because a change like this one cannot be made in place (size)',
  ]);
  expect(planned({ size: 2, name: 'x' }, { size: 1, name: 'y' })).toEqual([
    'replace thing::a because a field that cannot be changed in place changed (name, size)',
  ]);
});

test('users of the output of what is replaced run again, and a replacement that interrupts is told', () => {
  const facts = () => ({ ...kindFacts(), replaces: () => true, interrupts: () => true });
  const current = chain.map((d) => record(d));
  const planned = plan({
    current,
    desired: [want('a', { size: 2 }), ...chain.slice(1)],
    findings: [],
    kindFacts: facts,
  });
  expect(planSentences(planned)).toEqual([
    'replace thing::a because a change like this one cannot be made in place (size), which interrupts it',
    'update thing::b because something it uses changed',
  ]);
});
