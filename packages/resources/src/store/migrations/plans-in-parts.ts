import type { KvWrite } from '../kv.ts';
import type { Migration } from './migration.ts';

interface WholePlan {
  readonly steps: readonly { readonly action: string; readonly ref: Ref }[];
  readonly desired: readonly { readonly ref: Ref }[];
}
interface Ref {
  readonly kind: string;
  readonly id: string;
}

const isWhole = (value: unknown): value is WholePlan =>
  typeof value === 'object' && value !== null && 'desired' in value && 'steps' in value;

const nameOf = ({ kind, id }: Ref): string => `${kind}::${id}`;

/**
 * A plan held the specs of everything its database should have, and every step read the whole of it. What a step applies has a key
 * of its own now, and the plan only says the steps. A program from before misses the specs only of tasks that are open.
 */
export const plansInParts = {
  version: 1,
  name: 'plans in parts',
  oldestReader: 0,
  prefix: 'plans/',
  change(key: string, value: unknown) {
    if (!isWhole(value)) return [];
    const { desired, ...plan } = value;
    const specs = new Map(desired.map((one) => [nameOf(one.ref), one]));
    const parts = plan.steps.flatMap(({ action, ref }): KvWrite[] => {
      const part = action === 'delete' ? undefined : specs.get(nameOf(ref));
      return part ? [{ put: `${key}/${nameOf(ref)}`, value: part }] : [];
    });
    return [...parts, { put: key, value: plan }];
  },
} satisfies Migration;
