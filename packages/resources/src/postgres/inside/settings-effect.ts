import type { PostgresSession } from '../clients/ports.ts';
import { isLowered } from './restart-settings.ts';

export interface Effect {
  /** `parameters.<name>`, `pg_hba`, `pg_ident`: what the running Postgres does not have as declared. */
  readonly differing: readonly string[];
  /** Set by ALTER SYSTEM on top of ours. */
  readonly overridden: readonly string[];
  /** What Postgres finds wrong in its files, with the line: what it says there is not in effect. */
  readonly refused: readonly string[];
  /** The files are written as declared; what still differs is up to Postgres. */
  readonly written: boolean;
  /** When Postgres loaded its files last, in seconds. */
  readonly loadedAt: number;
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

/** A setting as Postgres and its files have it. A name with a dot has no `setting` while no library knows it. */
interface Row {
  readonly name: string;
  readonly setting: string | null;
  readonly pending_restart: boolean | null;
  readonly context: string | null;
  readonly source: string | null;
  readonly file_setting: string | null;
  readonly file_error: string | null;
  readonly auto: boolean;
}

interface Files {
  readonly hba: string;
  readonly ident: string;
  readonly loaded: boolean;
  readonly loaded_at: number;
  readonly standby: boolean;
  readonly refused: readonly string[];
}

/**
 * Patroni writes `config_file`, which includes the file of initdb: what stands there alone was never declared. Of a name
 * that stands twice the later counts.
 */
const ROWS = `WITH wanted AS (SELECT pg_catalog.unnest($1::text[]) AS name),
  lines AS (SELECT pg_catalog.lower(f.name) AS name, f.setting, f.error, f.seqno, f.sourcefile LIKE '%/postgresql.auto.conf' AS auto,
                   f.sourcefile = pg_catalog.current_setting('config_file') AS ours FROM pg_catalog.pg_file_settings f)
SELECT w.name, s.setting, s.pending_restart, s.context, s.source, l.setting AS file_setting, l.error AS file_error,
       EXISTS (SELECT 1 FROM lines a WHERE a.name = w.name AND a.auto) AS auto
  FROM wanted w LEFT JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) = w.name
  LEFT JOIN LATERAL (SELECT setting, error FROM lines o WHERE o.name = w.name AND o.ours ORDER BY o.seqno DESC LIMIT 1) l ON true`;

const HBA = `pg_catalog.current_setting('hba_file')`;
const IDENT = `pg_catalog.current_setting('ident_file')`;
const FILES = `SELECT pg_catalog.pg_read_file(${HBA}) AS hba, pg_catalog.pg_read_file(${IDENT}) AS ident,
  pg_catalog.date_trunc('second', pg_catalog.pg_conf_load_time()) >= greatest((pg_catalog.pg_stat_file(${HBA})).modification,
    (pg_catalog.pg_stat_file(${IDENT})).modification, (pg_catalog.pg_stat_file(pg_catalog.current_setting('config_file'))).modification) AS loaded,
  extract(epoch FROM pg_catalog.pg_conf_load_time())::float8 AS loaded_at, pg_catalog.pg_is_in_recovery() AS standby,
  ARRAY(SELECT refused FROM (`;

/** What Postgres finds wrong in its files as they are. A value that only waits for a restart is no error. */
export const REFUSED = `SELECT 'line ' || line_number || ' of pg_hba.conf: ' || error AS refused FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL
  UNION ALL SELECT 'line ' || line_number || ' of pg_ident.conf: ' || error FROM pg_catalog.pg_ident_file_mappings WHERE error IS NOT NULL
  UNION ALL SELECT coalesce(f.name || ': ', '') || f.error FROM pg_catalog.pg_file_settings f
    LEFT JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) = pg_catalog.lower(f.name)
    WHERE f.error IS NOT NULL AND s.pending_restart IS NOT TRUE AND s.source IS DISTINCT FROM 'command line'`;

/** Compares what is declared with what is in effect, in two queries. Postgres itself says what its files mean. */
export async function readEffect(session: PostgresSession, wanted: Wanted): Promise<Effect> {
  const names = Object.keys(wanted.parameters);
  const removed = wanted.removed ?? [];
  const rows = await session.query<Row>(ROWS, [[...names, ...removed].map((name) => name.toLowerCase())]);
  const [files] = await session.query<Files>(`${FILES}${REFUSED}) AS all_refused) AS refused`);
  const found = new Map(rows.map((row) => [row.name, row]));
  const row = (name: string): Row | undefined => found.get(name.toLowerCase());
  const held = (name: string): boolean => isHeld(name, wanted.parameters[name], row(name));
  const loaded = files?.loaded === true;
  const parameters = [
    ...names.filter(
      (name) => !(loaded && inEffect(wanted.parameters[name] ?? '', row(name))) && !(files?.standby && held(name)),
    ),
    ...removed.filter((name) => !loaded || stillSet(row(name))),
  ];
  const sameHba = sameLines(files?.hba ?? '', wanted.pgHba);
  const sameIdent = sameLines(files?.ident ?? '', wanted.pgIdent);
  const differing = [
    ...parameters.map((name) => `parameters.${name}`),
    ...(sameHba && loaded && !about(files.refused, 'pg_hba.conf') ? [] : ['pg_hba']),
    ...(sameIdent && loaded && !about(files.refused, 'pg_ident.conf') ? [] : ['pg_ident']),
  ];
  const onlyWhere = (waits: (name: string) => boolean): boolean =>
    parameters.length === differing.length && parameters.every(waits);
  const waiting = (name: string): boolean => waitsForRestart(wanted.parameters[name], row(name));
  const isGiven = (name: string): boolean =>
    row(name)?.source === 'command line' && inEffect(wanted.parameters[name] ?? '', row(name));
  const asWritten = (name: string): boolean =>
    (row(name)?.file_setting ?? undefined) === wanted.parameters[name] || held(name) || isGiven(name);
  return {
    differing,
    overridden: rows.filter((one) => one.auto).map((one) => one.name),
    refused: files?.refused ?? [],
    written: sameHba && sameIdent && [...names, ...removed].every(asWritten),
    loadedAt: files?.loaded_at ?? 0,
    onlyRestartMissing: onlyWhere(waiting),
    lowers: names.some((name) => isLowered(name, row(name)?.setting ?? undefined, wanted.parameters[name])),
    onlyRestartMissingIfHeld: onlyWhere((name) => waiting(name) || held(name)),
  };
}

const about = (refused: readonly string[], file: string): boolean =>
  refused.some((one) => one.includes(` of ${file}: `));

/**
 * The line that counts is ours and Postgres has taken it. What Patroni gives on the command line counts instead of its line:
 * plain numbers, and words.
 */
function inEffect(wanted: string, row: Row | undefined): boolean {
  if (!row || row.auto || row.pending_restart || row.file_error !== null) return false;
  if (row.source === 'command line') return isSame(row.setting ?? '', wanted);
  return row.file_setting === wanted;
}

const isSame = (setting: string, wanted: string): boolean =>
  setting === wanted.toLowerCase() ||
  (wanted.trim() !== '' && Number(setting) === Number(wanted)) ||
  isOn(setting) === isOn(wanted);
const isOn = (text: string): boolean | string => {
  if (/^(on|true|yes|1)$/i.test(text)) return true;
  return /^(off|false|no|0)$/i.test(text) ? false : text;
};

const stillSet = (row: Row | undefined): boolean =>
  row !== undefined && (row.file_setting !== null || row.pending_restart === true || row.auto);

/** Patroni has written the new value; only a new postmaster will read it. It gives some settings on the command line, which Postgres does not call pending. */
function waitsForRestart(wanted: string | undefined, row: Row | undefined): boolean {
  if (!row || row.auto) return false;
  return (
    row.pending_restart === true ||
    (row.context === 'postmaster' && wanted !== undefined && row.file_setting === wanted)
  );
}

/**
 * A primary that was started as a standby, as every new one is, keeps the larger value of pg_control, also in its file; only
 * Patroni knows that a restart would lower it. A standby keeps it until it is started after its primary.
 */
const isHeld = (name: string, wanted: string | undefined, row: Row | undefined): boolean =>
  row?.file_setting === row?.setting && isLowered(name, row?.setting ?? undefined, wanted);

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
