import type { PlacedStep } from '@windlass/activities';

/** A step that creates `test::<id>` on host h1 after the steps at these positions. */
export function step(id: string, after: readonly number[] = [], more: Partial<PlacedStep> = {}): PlacedStep {
  return {
    action: 'create',
    ref: { kind: 'test', id },
    reason: 'missing',
    fields: [],
    executor: { on: 'host', hostId: 'h1' },
    queue: 'host.h1',
    after,
    ...more,
  };
}
