import type { PostgresSession } from '../clients/ports.ts';
import { isLowered } from './restart-settings.ts';
import { sameQuantity } from './setting-quantity.ts';

export interface Effect {
  /** `parameters.<name>`, `pg_hba`, `pg_ident`: what the running Postgres does not have as declared. */
  readonly differing: readonly string[];
  /** Set by ALTER SYSTEM on top of ours. */
  readonly overridden: readonly string[];
  /** Names Postgres has never heard of. */
  readonly unknown: readonly string[];
  /** Everything that differs waits only for a restart. */
  readonly onlyRestartMissing: boolean;
  /** Some of it is a limit that only a primary can lower: see `isLowered`. */
  readonly lowers: boolean;
  /** The same, if Patroni holds some back until a restart: see `isHeld`. */
  readonly onlyRestartMissingIfHeld: boolean;
}

interface Wanted {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pgHba: readonly string[];
  readonly pgIdent: readonly string[];
  /** Names that were declared before and are no more. */
  readonly removed?: readonly string[];
}

interface Row {
  readonly name: string;
  readonly setting: string;
  readonly vartype: string;
  readonly pending_restart: boolean;
  readonly unit: string | null;
  readonly context: string;
  /** `client`: our session began with a value of its own; what others get stands in the file. */
  readonly source: string;
  readonly file_setting: string | null;
  readonly auto: boolean;
}

interface Files {
  readonly hba: string;
  readonly ident: string;
  readonly loaded: boolean;
  readonly standby: boolean;
}

/** Compares what is declared with what is in effect, in two queries. Postgres itself says what its files mean. */
export async function readEffect(session: PostgresSession, wanted: Wanted): Promise<Effect> {
  const names = Object.keys(wanted.parameters);
  const removed = wanted.removed ?? [];
  const rows = await session.query<Row>(
    `SELECT s.name, s.setting, s.vartype, s.pending_restart, s.unit, s.context, s.source,
            (SELECT f.setting FROM pg_catalog.pg_file_settings f WHERE pg_catalog.lower(f.name) = pg_catalog.lower(s.name) AND f.sourcefile NOT LIKE '%postgresql.auto.conf' ORDER BY f.seqno DESC LIMIT 1) AS file_setting,
            EXISTS (SELECT 1 FROM pg_catalog.pg_file_settings f WHERE pg_catalog.lower(f.name) = pg_catalog.lower(s.name) AND f.sourcefile LIKE '%postgresql.auto.conf') AS auto
       FROM pg_catalog.pg_settings s WHERE pg_catalog.lower(s.name) = ANY($1)`,
    [[...names, ...removed].map((name) => name.toLowerCase())],
  );
  const [files] = await session.query<Files>(
    `SELECT pg_catalog.pg_read_file(pg_catalog.current_setting('hba_file')) AS hba, pg_catalog.pg_read_file(pg_catalog.current_setting('ident_file')) AS ident,
            pg_catalog.date_trunc('second', pg_catalog.pg_conf_load_time()) >= greatest((pg_catalog.pg_stat_file(pg_catalog.current_setting('hba_file'))).modification, (pg_catalog.pg_stat_file(pg_catalog.current_setting('ident_file'))).modification) AS loaded,
            pg_catalog.pg_is_in_recovery() AS standby`,
  );
  const found = new Map(rows.map((row) => [row.name.toLowerCase(), row]));
  const row = (name: string): Row | undefined => found.get(name.toLowerCase());
  const held = (name: string): boolean => isHeld(name, wanted.parameters[name], row(name));
  const parameters = [
    ...names.filter((name) => !inEffect(wanted.parameters[name] ?? '', row(name)) && !(files?.standby && held(name))),
    ...removed.filter((name) => stillSet(row(name))),
  ];
  const differing = [
    ...parameters.map((name) => `parameters.${name}`),
    ...(sameLines(files?.hba ?? '', wanted.pgHba) && files?.loaded ? [] : ['pg_hba']),
    ...(sameLines(files?.ident ?? '', wanted.pgIdent) && files?.loaded ? [] : ['pg_ident']),
  ];
  const onlyWhere = (waits: (name: string) => boolean): boolean =>
    parameters.length === differing.length && parameters.every(waits);
  const waiting = (name: string): boolean => waitsForRestart(wanted.parameters[name], row(name));
  return {
    differing,
    overridden: rows.filter((row) => row.auto).map((row) => row.name),
    unknown: names.filter((name) => !name.includes('.') && !found.has(name.toLowerCase())),
    onlyRestartMissing: onlyWhere(waiting),
    lowers: names.some((name) => isLowered(name, row(name)?.setting, wanted.parameters[name])),
    onlyRestartMissingIfHeld: onlyWhere((name) => waiting(name) || held(name)),
  };
}

/** The value in effect is the one wanted. What cannot be compared as a number (lists, names) counts once it stands in the file. */
function inEffect(wanted: string, row: Row | undefined): boolean {
  if (!row || row.auto || row.pending_restart) return false;
  if (row.source === 'client') return row.file_setting === wanted;
  if (sameValue(row, wanted)) return true;
  const comparable = row.vartype === 'integer' || row.vartype === 'real' || row.vartype === 'bool';
  return !comparable && row.file_setting === wanted;
}

const stillSet = (row: Row | undefined): boolean =>
  row !== undefined && (row.file_setting !== null || row.pending_restart || row.auto);

/** Patroni has written the new value; only a new postmaster will read it. It gives some settings on the command line, which Postgres does not call pending. */
function waitsForRestart(wanted: string | undefined, row: Row | undefined): boolean {
  if (!row || row.auto) return false;
  return row.pending_restart || (row.context === 'postmaster' && wanted !== undefined && row.file_setting === wanted);
}

/**
 * A primary that was started as a standby, as every new one is, keeps the larger value of pg_control, also in its file; only
 * Patroni knows that a restart would lower it. A standby keeps it until it is started after its primary.
 */
const isHeld = (name: string, wanted: string | undefined, row: Row | undefined): boolean =>
  row?.file_setting === row?.setting && isLowered(name, row?.setting, wanted);

function sameValue({ setting, vartype, unit }: Row, wanted: string): boolean {
  if (setting === wanted) return true;
  if (vartype === 'bool') return toBool(setting) === toBool(wanted);
  if (vartype === 'integer' || vartype === 'real') return sameQuantity(setting, wanted, unit, vartype === 'integer');
  return setting.toLowerCase() === wanted.toLowerCase();
}

const toBool = (text: string): boolean => /^(on|t|tr|tru|true|y|ye|yes|1)$/i.test(text);

/** The lines of the file that count are exactly those declared. */
function sameLines(file: string, wanted: readonly string[]): boolean {
  const lines = file
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.join('\n') === wanted.map((line) => line.trim()).join('\n');
}

export async function resetOverrides(session: PostgresSession, names: readonly string[]): Promise<void> {
  for (const name of names) await session.query(`ALTER SYSTEM RESET ${session.identifier(name)}`);
  if (names.length > 0) await session.query('SELECT pg_catalog.pg_reload_conf()');
}
