const ANY_STANDBY = /^\s*(?:(?:ANY|FIRST)\s+)?(\d+)\s*\(\s*\*\s*\)\s*$/i;

/**
 * How many standbys `synchronous_standby_names` asks for: `''` none, `*` one, `ANY 2 (*)` two. Undefined where standbys
 * are named: which ones they are is for the failover to decide.
 */
export function parseSynchronous(value: string): number | undefined {
  if (value.trim() === '') return 0;
  if (value.trim() === '*') return 1;
  const count = Number(ANY_STANDBY.exec(value)?.[1]);
  return count >= 1 ? count : undefined;
}

/** As `parseSynchronous`, for a value that was validated; absent means none. */
export const synchronousStandbys = (value: string | undefined): number => parseSynchronous(value ?? '') ?? 0;
