import { kindFacts, on, record, want } from './plan.fixtures.ts';
import { plan } from './plan.ts';
import type { Dependency, Desired } from './resource.ts';
import { planSentences } from './sentences.ts';
import type { ResourceRecord } from './records.ts';

const stopped = (one: Desired): Desired => ({ ...one, stopped: true });
const planned = (current: readonly Desired[], desired: readonly Desired[], more: Partial<ResourceRecord> = {}) =>
  plan({ current: current.map((d) => record(d, more)), desired, findings: [], kindFacts });
const ids = (steps: readonly { readonly ref: { readonly id: string } }[] = []) => steps.map((s) => s.ref.id);

const node = want('node');
const inner = (id: string, dependsOn: Dependency[] = [], size = 1) => want(id, { size }, dependsOn, 'node');

describe('what lies within something stopped', () => {
  it('is not changed, and the plan says what waits', () => {
    const result = planned([node, inner('a')], [stopped(node), inner('a', [], 2), inner('new')]);
    expect(planSentences(result)).toEqual([
      'nothing to do',
      'update thing::a because its spec changed (size), as soon as what it is in runs again',
      'create thing::new because it does not exist, as soon as what it is in runs again',
    ]);
  });

  it('is not deleted, and its record is no step away from it', () => {
    const result = planned([node, inner('a')], [stopped(want('node', { size: 2 }))]);
    expect(planSentences(result)).toEqual([
      'update thing::node because its spec changed (size)',
      'delete thing::a because it is no longer wanted, as soon as what it is in runs again',
    ]);
  });

  it('says nothing of what would be done of itself', () => {
    const user = inner('a', [on('out', true)]);
    expect(planned([node, want('out'), user], [stopped(node), want('out', { size: 2 }), user]).waiting).toBeUndefined();
    const findings = [{ ref: user.ref, missing: false, drift: ['size'] }];
    const current = [node, want('out'), user].map((d) => record(d));
    const desired = [stopped(node), want('out'), user];
    expect(plan({ current, desired, findings, force: true, kindFacts }).waiting).toBeUndefined();
  });

  it('is told when its last attempt failed', () => {
    const result = planned([inner('a')], [stopped(node), inner('a')], { phase: 'failed' });
    expect(ids(result.waiting)).toEqual(['a']);
  });

  it('waits also in something that lies within what is stopped', () => {
    const floor = inner('floor');
    const room = want('room', {}, [], 'floor');
    expect(ids(planned([node, floor, room], [stopped(node), floor]).waiting)).toEqual(['room']);
  });

  it('keeps what has to be deleted after it, and what holds it; everything else goes', () => {
    const current = [node, inner('a', [on('file')]), want('file', {}, [on('disk')]), want('disk'), want('else')];
    const result = planned(current, [stopped(node)]);
    expect([ids(result.steps), ids(result.waiting)]).toEqual([['else'], ['a', 'file', 'disk']]);
    const box = want('box', {}, [on('lid')]);
    const content = want('content', {}, [], 'box');
    const user = inner('user', [on('content')]);
    const held = planned([node, box, want('lid'), content, user], [stopped(node)]);
    expect([ids(held.steps), ids(held.waiting).sort()]).toEqual([[], ['box', 'lid', 'user']]);
  });

  it('goes with what holds it', () => {
    const { steps, waiting } = planned([node, inner('a'), inner('b')], []);
    expect([ids(steps), waiting]).toEqual([['node'], undefined]);
  });

  it('is deleted when that runs again, after whatever it needs has started', () => {
    const [one, two] = [want('one'), want('two')];
    const either = [one, two].map(({ ref }) => ({ ref, anyOf: 'x' }));
    const current = [node, one, two, inner('a', either)];
    const started = planned(current, [node, want('one', { size: 2 }), stopped(two)]);
    expect(started.steps).toMatchObject([{ ref: { id: 'one' } }, { action: 'delete', after: [], afterAny: [[[0]]] }]);
    const both = planned(current, [node, want('one', { size: 2 }), want('two', { size: 2 })]);
    expect(both.steps.at(-1)).toMatchObject({ action: 'delete', after: [], afterAny: [[[0], [1]]] });
  });
});

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed + 1; ; x = (x * 48_271) % 2_147_483_647) yield x;
}

/** Resources that depend on and lie within earlier ones, some of which are stopped. */
function world(seed: number): Desired[] {
  const next = numbers(seed);
  const pick = (below: number): number => next.next().value % below;
  return Array.from({ length: 12 }, (_, i): Desired => {
    const dependsOn = i === 0 ? [] : Array.from({ length: pick(3) }, () => on(`r${String(pick(i))}`));
    const within = i > 0 && pick(2) === 0 ? `r${String(pick(i))}` : undefined;
    return { ...want(`r${String(i)}`, {}, dependsOn, within), stopped: pick(3) === 0 };
  });
}

describe.each(Array.from({ length: 25 }, (_, seed) => seed))('in a world of any shape (%i)', (seed) => {
  const all = world(seed);
  const byId = new Map(all.map((d) => [d.ref.id, d]));
  const next = numbers(seed + 1000);
  const desired = all.filter(() => next.next().value % 2 === 0);
  const wanted = new Set(ids(desired));
  const holderOf = (d: Desired) => (d.within ? byId.get(d.within.id) : undefined);
  const isShut = (d: Desired): boolean => {
    const holder = holderOf(d);
    return holder !== undefined && ((wanted.has(holder.ref.id) && holder.stopped === true) || isShut(holder));
  };
  const goesWith = (d: Desired): boolean => d.within !== undefined && !wanted.has(d.within.id);
  const result = planned(all, desired);
  const doomed = all.filter((d) => !wanted.has(d.ref.id));

  it('everything that is not wanted has a step, waits, or goes with what holds it', () => {
    const told = [...result.steps, ...(result.waiting ?? [])].map((s) => s.ref.id).sort();
    expect(told).toEqual(ids(doomed.filter((d) => !goesWith(d))).sort());
  });

  it('nothing within what is stopped has a step', () => {
    const steps = new Set(ids(result.steps));
    expect(ids(doomed.filter((d) => !goesWith(d) && isShut(d))).filter((id) => steps.has(id))).toEqual([]);
  });

  it('nothing goes before what depends on it', () => {
    const stays = new Set(ids(result.waiting));
    const staying = (d: Desired): boolean => stays.has(d.ref.id) || (goesWith(d) && staying(holderOf(d) as Desired));
    const used = doomed.filter(staying).flatMap((d) => ids(d.dependsOn));
    expect(ids(result.steps).filter((id) => used.includes(id))).toEqual([]);
  });

  it('when all runs again nothing waits, and all of it goes', () => {
    const left = all.map((d) => ({ ...d, stopped: false }));
    const after = planned(left, left.filter((d) => wanted.has(d.ref.id))); // prettier-ignore
    expect(after.waiting).toBeUndefined();
    expect(ids(after.steps).sort()).toEqual(ids(doomed.filter((d) => !goesWith(d))).sort());
  });
});
