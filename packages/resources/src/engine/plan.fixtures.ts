import { inputsHash } from './inputs-hash.ts';
import type { Dependency, Desired } from './resource.ts';
import type { ResourceRecord } from './records.ts';

/** Of a kind whose resources are updated in place, but for their name. */
export const kindFacts = () => ({ immutable: ['name'], updatable: true });
export const want = (
  id: string,
  spec: object = { size: 1 },
  dependsOn: Dependency[] = [],
  within?: string,
): Desired => ({
  ref: { kind: 'thing', id },
  version: 1,
  spec,
  executor: { on: 'any' },
  dependsOn,
  within: within === undefined ? undefined : { kind: 'thing', id: within },
});
export const on = (id: string, output = false): Dependency => ({ ref: { kind: 'thing', id }, output });
export const record = (d: Desired, more: Partial<ResourceRecord> = {}): ResourceRecord => ({
  ...d,
  status: { ok: d.ref.id },
  phase: 'ready',
  inputsHash: inputsHash(d, (ref) => ({ ok: ref.id })),
  taskId: 't',
  updatedAt: '2026-01-01T00:00:00Z',
  ...more,
});

/** A user of the output of `a`, and one that only comes after that. */
export const chain = [want('a'), want('b', { size: 1 }, [on('a', true)]), want('c', { size: 1 }, [on('b')])];
