import type { Clients, ExecResult } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { complaints, startFailure } from './start-report.ts';

/** Everything a Postgres is configured with. */
export interface Configuration {
  readonly parameters: Readonly<Record<string, string>>;
  readonly pgHba: readonly string[];
  readonly pgIdent: readonly string[];
}

export const settingsRefused = (reason: string): DomainError =>
  new DomainError('settings_refused', `Postgres refuses the settings: ${reason}`);

interface TrialRequest extends Configuration {
  readonly instanceId: string;
  readonly imageId: string;
  readonly signal: AbortSignal;
}

/** What the trial needs otherwise: no network, no certificates, and a log that can be read. */
const OTHERWISE =
  'listen_addresses= ssl=off archive_mode=off fsync=off logging_collector=off log_destination=stderr log_min_messages=warning ' +
  'log_line_prefix= log_error_verbosity=default log_statement=none lc_messages=C cluster_name=trial';

/** Lines that have an error although Postgres is up. Without certificates every hostssl rule has one. */
const REFUSED = `SELECT 'line ' || line_number || ' of pg_ident.conf: ' || error FROM pg_catalog.pg_ident_file_mappings WHERE error IS NOT NULL
UNION ALL SELECT 'line ' || line_number || ' of pg_hba.conf: ' || error FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL AND error NOT LIKE '%SSL is disabled'
UNION ALL SELECT f.name || ': ' || f.error FROM pg_catalog.pg_file_settings f LEFT JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) = pg_catalog.lower(f.name)
  WHERE f.error IS NOT NULL AND s.source IS DISTINCT FROM 'command line' AND f.sourcefile = pg_catalog.current_setting('config_file')`;

/** Our own role loads none of the libraries of a session (ADR 17), of which a user's would fail: a second session is like a user's. */
const AS_A_USER =
  '-c "ALTER ROLE windlass RESET session_preload_libraries" -c "ALTER ROLE windlass RESET local_preload_libraries" -c "\\c"';

const [DOES_NOT_START, TAKES_NO_SESSION, REFUSES, TOO_SLOW] = [10, 11, 12, 13] as const;

/**
 * Starts a Postgres with the files given as arguments (a name, then its text in parts that begin with a colon), asks it what it
 * refuses, and stops it. The image has an empty data directory for it.
 */
const SCRIPT = [
  't=$(mktemp -d) f= d=/usr/share/windlass/template',
  'for a; do case $a in :*) printf %s "${a#:}" >> "$t/$f" ;; *) f=$a; : > "$t/$f" ;; esac; done',
  '[ -d "$d" ] || { d=$t/data; initdb --no-sync -U windlass "$d" > /dev/null || exit; }',
  `(postgres -D "$d" -c config_file="$t/conf" -c hba_file="$t/hba" -c ident_file="$t/ident" -c unix_socket_directories="$t" ${OTHERWISE.split(
    ' ',
  )
    .map((one) => `-c ${one}`)
    .join(' ')} > "$t/log" 2>&1; : > "$t/ended") &`,
  'n=0',
  'until [ -e "$t/ended" ] || grep -qs "^ready" "$d/postmaster.pid"; do',
  '  n=$((n + 1)); [ $n -lt 1000 ] || exit ' + String(TOO_SLOW),
  '  sleep 0.02',
  'done',
  `[ ! -e "$t/ended" ] || { cat "$t/log"; exit ${String(DOES_NOT_START)}; }`,
  'export PGOPTIONS="-c statement_timeout=0 -c lock_timeout=0 -c search_path=pg_catalog" PGCONNECT_TIMEOUT=10',
  `psql -XAtqw -v ON_ERROR_STOP=1 -h "$t" -p "$(sed -n 4p "$d/postmaster.pid")" -U windlass -d postgres ${AS_A_USER} -c "$REFUSED" > "$t/found" 2>&1 || { cat "$t/log" "$t/found"; exit ${String(TAKES_NO_SESSION)}; }`,
  `[ ! -s "$t/found" ] || { cat "$t/found"; exit ${String(REFUSES)}; }`,
].join('\n');

/**
 * Why a Postgres of this image, on this host, does not take a configuration, in its own words; undefined when it does. It is
 * started with all of it in a container of its own that has no network and no data; nothing else notices.
 */
export async function tryConfiguration(
  { docker }: Pick<Clients, 'docker'>,
  { instanceId, imageId, signal, ...wanted }: TrialRequest,
): Promise<string | undefined> {
  const result = await docker.run({
    name: `windlass-trial-${instanceId}`,
    image: imageId,
    labels: { 'windlass.managed': 'true', 'windlass.trial': instanceId },
    mounts: [],
    networks: [],
    command: ['sh', '-c', `REFUSED="${REFUSED}"\n${SCRIPT}`, 'trial', ...filesOf(wanted)],
    signal,
  });
  return refusalOf(result);
}

function refusalOf({ exitCode, stdout, stderr }: ExecResult): string | undefined {
  const lines = stdout.trim().split('\n');
  switch (exitCode) {
    case 0:
      return undefined;
    case DOES_NOT_START:
      return startFailure(stdout) ?? lines.at(-1) ?? 'it does not start';
    case TAKES_NO_SESSION:
      return complaints(stdout)[0] ?? /^(?:psql: error|\\connect): .*FATAL:\s+(.*)/m.exec(stdout)?.[1] ?? lines.at(-1);
    case REFUSES:
      return lines.slice(0, 5).join('; ');
    default:
      throw new DomainError(
        'docker_unavailable',
        `a trial of the settings ended with ${String(exitCode)}: ${stderr.slice(0, 200)}`,
      );
  }
}

/** The kernel takes at most 128 KiB in one argument. */
const PART_LENGTH = 30_000;

function filesOf({ parameters, pgHba, pgIdent }: Configuration): string[] {
  return [
    ...file(
      'conf',
      Object.entries(parameters).map(([name, value]) => `${name} = '${escaped(value)}'`),
    ),
    ...file('hba', pgHba),
    ...file('ident', pgIdent),
  ];
}

const file = (name: string, lines: readonly string[]): string[] => [
  name,
  ...parts(lines.map((line) => `${line}\n`).join('')).map((part) => `:${part}`),
];

/** As Patroni writes it. */
const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll("'", "''");

function parts(text: string): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; at += PART_LENGTH) all.push(text.slice(at, at + PART_LENGTH));
  return all;
}
