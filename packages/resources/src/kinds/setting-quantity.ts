/** Units of Postgres' settings: bytes and microseconds in one. Case counts, as in Postgres. */
const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, min: 60e6, h: 3600e6, d: 86_400e6 };

/**
 * Whether a declared value (`16MB`, `5min`, `0x10`, `1.5`) is what Postgres shows as `setting` in its base unit (`kB`,
 * `8kB`, `ms` …, or none). Whole numbers are rounded as Postgres does: first to the next smaller unit, then to the base.
 */
export function sameQuantity(setting: string, declared: string, baseUnit: string | null, whole: boolean): boolean {
  const value = inBaseUnit(declared, baseUnit);
  if (value === undefined) return false;
  const shown = Number(setting);
  return whole ? Math.abs(value - shown) <= 0.5 : Math.abs(value - shown) <= Math.abs(shown) * 1e-5;
}

function inBaseUnit(declared: string, baseUnit: string | null): number | undefined {
  const [, digits, unit = ''] =
    /^\s*([-+]?(?:0x[0-9a-f]+|[0-9.]+(?:e[-+]?[0-9]+)?))\s*([A-Za-z]*)\s*$/i.exec(declared) ?? [];
  if (digits === undefined) return undefined;
  const number = /^[-+]?0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  if (unit === '' || Number.isNaN(number)) return Number.isNaN(number) ? undefined : number;
  const base = scaleOf(baseUnit ?? '');
  const own = scaleOf(unit);
  return base && own && base.of === own.of ? (number * own.scale) / base.scale : undefined;
}

/** `8kB` is 8192 bytes. */
function scaleOf(unit: string): { readonly of: 'bytes' | 'time'; readonly scale: number } | undefined {
  const [, times = '', name = ''] = /^([0-9]*)([A-Za-z]+)$/.exec(unit) ?? [];
  const count = times === '' ? 1 : Number(times);
  if (Object.hasOwn(BYTES, name)) return { of: 'bytes', scale: count * (BYTES[name] ?? 1) };
  if (Object.hasOwn(MICROSECONDS, name)) return { of: 'time', scale: count * (MICROSECONDS[name] ?? 1) };
  return undefined;
}
