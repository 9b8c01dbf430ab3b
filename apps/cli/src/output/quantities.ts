const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 4096 → `4 KiB` */
export function bytes(count: number): string {
  const step = count < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(count) / 10));
  const value = count / 1024 ** step;
  return `${value < 10 && step > 0 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value))} ${UNITS[step] ?? 'B'}`;
}

const DAY_S = 86_400;

/** How long a time is, in the largest unit that says enough: `42 s`, `12 min`, `5 h`, `3 days`. */
export function span(seconds: number): string {
  const s = Math.abs(seconds);
  if (s < 120) return `${String(Math.round(s))} s`;
  if (s < 7200) return `${String(Math.floor(s / 60))} min`;
  if (s < 2 * DAY_S) return `${String(Math.floor(s / 3600))} h`;
  return `${String(Math.floor(s / DAY_S))} days`;
}

/** How long ago that was. */
export const ago = (time: string): string => `${span((Date.now() - Date.parse(time)) / 1000)} ago`;
