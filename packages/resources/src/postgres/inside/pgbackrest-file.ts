/** The one stanza of an instance's pgBackRest. */
export const STANZA = 'db';
/** In the instance; an instance that has it archives its WAL. */
export const CONFIG_FILE = '/windlass/config/pgbackrest.conf';

/** A repository as it is rendered: options without their `repoN-` prefix, the credentials among them. */
export type RenderedRepository = Readonly<Record<string, string>>;

export interface PgBackRestFile {
  readonly repositories: readonly RenderedRepository[];
  /** Processes for compression and transfer. */
  readonly processes: number;
  /** Backups hold only the changed blocks of a changed file. */
  readonly blockIncremental: boolean;
}

/** Longest that WAL may pile up on the instance's disk while it cannot be archived. */
const QUEUE_MAX = '16GiB';

/**
 * The command of Postgres waits this long for pgBackRest's process in the background, then Postgres gives it again. That
 * process does not begin when just then a stanza is being made, and nobody tells the one that waits.
 */
const PUSH_TIMEOUT_S = 10;

/** pgbackrest.conf of one instance: the same on each member of a node, whoever is the primary. */
export function renderPgBackRest({ repositories, processes, blockIncremental }: PgBackRestFile): string {
  const global: Record<string, string> = {
    'archive-async': 'y',
    'archive-push-queue-max': QUEUE_MAX,
    'compress-level': '1',
    'compress-type': 'zst',
    // One repository that is away holds up the WAL for the others for this long, each time.
    'io-timeout': '10',
    'lock-path': '/windlass/data/pgbackrest/lock',
    'log-level-console': 'warn',
    'log-level-file': 'off',
    'process-max': String(processes),
    'spool-path': '/windlass/data/pgbackrest/spool',
    'start-fast': 'y',
  };
  repositories.forEach((options, i) => {
    const all = { ...(blockIncremental && options['bundle'] === 'y' && { block: 'y' }), ...options };
    for (const [name, value] of Object.entries(all)) global[`repo${String(i + 1)}-${name}`] = value;
  });
  const stanza = {
    'pg1-database': 'postgres',
    'pg1-path': '/windlass/data/pgdata',
    'pg1-port': '5432',
    'pg1-socket-path': '/tmp',
    'pg1-user': 'windlass',
  };
  const push = { 'archive-timeout': String(PUSH_TIMEOUT_S) };
  return `[global]\n${lines(global)}\n[global:archive-push]\n${lines(push)}\n[${STANZA}]\n${lines(stanza)}`;
}

const lines = (options: Readonly<Record<string, string>>): string =>
  Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
