/** Where a restore stops. `default`: at the end of what is archived; `immediate`: as soon as the backup is consistent. */
export interface RestoreTarget {
  readonly type: 'default' | 'immediate' | 'time' | 'lsn' | 'xid' | 'name';
  /** As Postgres wants it; absent for `default` and `immediate`. */
  readonly value?: string | undefined;
  /** Stops before the target instead of after it. */
  readonly exclusive?: true | undefined;
  /** Number of the timeline to follow; absent: chosen by the time asked for, else the latest. */
  readonly timeline?: number | undefined;
}

/** `restore_options` as they were understood. */
export interface RestoreChoice {
  readonly target: RestoreTarget;
  /** Label of the backup; absent: the one that fits. */
  readonly set?: string;
  /** Options that pgBackRest gets as they are. */
  readonly passed: Readonly<Record<string, string>>;
}

export interface OptionIssue {
  readonly option: string;
  readonly message: string;
}

const TYPES = ['default', 'immediate', 'time', 'lsn', 'xid', 'name'] as const;

/** What the value of each option looks like, and what is said when it does not. */
const VALUES: Readonly<Record<string, readonly [RegExp, string]>> = {
  type: [new RegExp(`^(?:${TYPES.join('|')})$`), `must be one of ${TYPES.map((t) => `"${t}"`).join(', ')}`],
  target: [/^[^\p{Cc}]{1,64}$/u, 'must be 1 to 64 characters long'],
  'target-exclusive': [/^[yn]$/, 'must be "y" or "n"'],
  'target-action': [/^promote$/, 'must be "promote": a restored database takes writes'],
  'target-timeline': [/^(?:latest|[1-9][0-9]{0,8})$/, 'must be "latest" or the number of a timeline'],
  set: [/^(?:latest|\d{8}-\d{6}F(?:_\d{8}-\d{6}[DI])?)$/, 'must be the label of a backup, such as "20260131-020000F"'],
  delta: [/^[yn]$/, 'must be "y" or "n"'],
  'db-include': [/^[^\p{Cc}]{1,63}$/u, 'must be the name of a database'],
  'process-max': [/^(?:[1-9]|[1-9][0-9])$/, 'must be 1 to 99'],
  'buffer-size': [/^[0-9]{1,8}(?:[kmg]i?b?)?$/i, 'must be a size such as "1MiB"'],
  'io-timeout': [/^[0-9]{1,4}$/, 'must be a number of seconds'],
};

/** Options of pgBackRest that are handed on; the others of the list are understood here. */
const PASSED = ['db-include', 'process-max', 'buffer-size', 'io-timeout'];

const TARGETS: Readonly<Record<string, readonly [RegExp, string]>> = {
  time: [
    /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d(?::?\d\d)?)?$/,
    'must be a time such as "2026-01-31 12:00:00+00"',
  ],
  lsn: [/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/, 'must be a position in the WAL such as "0/3000060"'],
  xid: [/^[0-9]{1,20}$/, 'must be the number of a transaction'],
  name: [/^.{1,63}$/u, 'must be the name of a restore point, up to 63 characters long'],
};

/** Understands `restore_options`; every option is either carried out or refused. */
export function parseRestoreOptions(
  options: Readonly<Record<string, string>> = {},
): { readonly choice: RestoreChoice } | { readonly issues: readonly OptionIssue[] } {
  const issues = [...Object.entries(options).flatMap(([option, value]) => refusal(option, value))];
  if (issues.length === 0) issues.push(...targetIssues(options));
  if (issues.length > 0) return { issues };
  const { set } = options;
  const passed = Object.entries(options).filter(([option]) => PASSED.includes(option));
  const choice = { target: targetOf(options), passed: Object.fromEntries(passed) };
  return { choice: { ...choice, ...(set !== undefined && set !== 'latest' && { set }) } };
}

function refusal(option: string, value: string): OptionIssue[] {
  const known = Object.hasOwn(VALUES, option) ? VALUES[option] : undefined;
  if (!known) return [{ option, message: 'is not an option of a restore that can be set' }];
  return known[0].test(value) ? [] : [{ option, message: known[1] }];
}

function targetIssues({ type = 'default', target, ...others }: Readonly<Record<string, string>>): OptionIssue[] {
  const shape = TARGETS[type];
  if (shape && target === undefined) return [{ option: 'target', message: `is required for the type "${type}"` }];
  if (!shape && target !== undefined)
    return [{ option: 'target', message: `needs a type: one of ${Object.keys(TARGETS).join(', ')}` }];
  if (shape && target !== undefined && !shape[0].test(target)) return [{ option: 'target', message: shape[1] }];
  if (type === 'time' && target !== undefined && Number.isNaN(timeOf(target)))
    return [{ option: 'target', message: 'is no time' }];
  const exclusive = others['target-exclusive'] === 'y' && !['time', 'lsn', 'xid'].includes(type);
  return exclusive ? [{ option: 'target-exclusive', message: 'needs the type "time", "lsn" or "xid"' }] : [];
}

function targetOf(options: Readonly<Record<string, string>>): RestoreTarget {
  const { type = 'default', target } = options;
  const timeline = options['target-timeline'];
  return {
    type: type as RestoreTarget['type'],
    ...(target !== undefined && { value: type === 'time' ? withZone(target) : target }),
    ...(options['target-exclusive'] === 'y' && { exclusive: true as const }),
    ...(timeline !== undefined && timeline !== 'latest' && { timeline: Number(timeline) }),
  };
}

/** Without a zone a time is UTC, as everywhere. */
function withZone(time: string): string {
  const plain = time.replace('T', ' ').replace(/Z$/, '+00');
  return /[+-]\d\d(?::?\d\d)?$/.test(plain.slice(11)) ? plain : `${plain}+00`;
}

/** Milliseconds since 1970; NaN when it is no time. */
export function timeOf(time: string): number {
  const [, day = '', clock = '', hours = '+00', minutes = '00'] =
    /^([\d-]{10}) ([\d:.]+)([+-]\d\d)(?::?(\d\d))?$/.exec(withZone(time)) ?? [];
  return Date.parse(`${day}T${clock}${hours}:${minutes}`);
}
