import type { Check, Watched } from './check.ts';
import type { InstanceCondition } from '../records/instance-records.ts';

/** The conditions of one check, by its name. */
export type ConditionsByCheck = Readonly<Record<string, readonly InstanceCondition[]>>;

/**
 * Has every check that is made for the instance's role look at it. What is still so keeps the time it was seen first; what a
 * check could not look at stays as it was, so that a trouble does not seem to go away when nobody can see it.
 */
export async function lookAt(
  at: Watched,
  checks: readonly Check[],
  before: ConditionsByCheck,
  now: Date,
): Promise<ConditionsByCheck> {
  const looked = await Promise.all(
    checks.map(async ({ name, roles, look }): Promise<readonly [string, readonly InstanceCondition[]]> => {
      const known = before[name] ?? [];
      if (!roles.includes(at.role)) return [name, at.role === 'silent' ? known : []];
      try {
        const since = ({ type, message }: { type: string; message: string }): string =>
          known.find((one) => one.type === type && one.message === message)?.since ?? now.toISOString();
        return [name, (await look(at)).map((found) => ({ ...found, since: since(found) }))];
      } catch {
        return [name, known];
      }
    }),
  );
  return Object.fromEntries(looked.filter(([, found]) => found.length > 0));
}
