/**
 * Options of `pgbackrest backup` that a request may give. Those that say what is backed up and where to are not among
 * them: the spec says it. None is a credential: the command line is visible to others.
 */
const BACKUP_OPTIONS: Readonly<Record<string, RegExp>> = {
  'archive-check': /^[yn]?$/,
  'archive-copy': /^[yn]?$/,
  'archive-timeout': /^\d{1,5}(?:ms|s|m|h)?$/,
  'backup-standby': /^(?:[yn]|prefer)?$/,
  'buffer-size': /^\d{1,10}(?:[kmg]i?b?)?$/i,
  'checksum-page': /^[yn]?$/,
  'no-checksum-page': /^$/,
  'compress-level': /^-?\d{1,2}$/,
  'compress-type': /^(?:none|bz2|gz|lz4|zst)$/,
  'db-timeout': /^\d{1,6}(?:ms|s|m|h|d)?$/,
  delta: /^[yn]?$/,
  exclude: /^[\w./-]{1,255}$/,
  'expire-auto': /^[yn]?$/,
  'no-expire-auto': /^$/,
  'io-timeout': /^\d{1,5}(?:ms|s|m|h)?$/,
  'manifest-save-threshold': /^\d{1,12}(?:[kmgt]i?b?)?$/i,
  'page-header-check': /^[yn]?$/,
  'process-max': /^\d{1,3}$/,
  'protocol-timeout': /^\d{1,6}(?:ms|s|m|h|d)?$/,
  repo: /^\d{1,3}$/,
  resume: /^[yn]?$/,
  'no-resume': /^$/,
  'start-fast': /^[yn]?$/,
  'no-start-fast': /^$/,
  'stop-auto': /^[yn]?$/,
};

/** Why an option of a backup is refused; undefined when it is fine. */
export function backupOptionRefusal(key: string, value: string): string | undefined {
  if (!/^[a-z0-9-]+$/.test(key)) return 'invalid option name';
  const pattern = Object.hasOwn(BACKUP_OPTIONS, key) ? BACKUP_OPTIONS[key] : undefined;
  if (!pattern) return 'is not an option of a backup that can be set';
  return pattern.test(value) ? undefined : 'is not a value of this option';
}
