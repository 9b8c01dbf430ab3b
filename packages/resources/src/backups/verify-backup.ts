import { randomUUID } from 'node:crypto';
import type { Clients, RunRequest } from '../clients/ports.ts';
import { DomainError } from '../errors/index.ts';
import {
  backupsPath,
  CONFIG_FILE,
  instancePath,
  pgbackrest,
  pgbackrestError,
  serviceOf,
  STANZA,
} from '../kinds/index.ts';
import type { Run } from '../engine/apply.ts';
import { exportPgOptions } from '../spec/own-sessions.ts';

export interface VerifyWish {
  readonly instanceId: string;
  readonly databaseId: string;
  readonly taskId: string;
  readonly label: string;
  readonly repository: number;
  /** What the instance's container has, so that the throw-away one reaches the same repositories. */
  readonly imageId: string;
  readonly postgresMajor: number;
  readonly volumes: readonly { readonly hostPath: string; readonly destinationPath: string }[];
  readonly networks: readonly string[];
}

/** What was read of a restored backup. */
export interface Verified {
  readonly databases: number;
  readonly tables: number;
  readonly bytesRead: number;
}

/**
 * Proves that a backup can be restored: pgBackRest checks every file of it against its checksum, then it is restored into a
 * throw-away instance, recovered until it is consistent, and every row of every table is read. Rejects with the reason.
 */
export async function verifyBackup(clients: Clients, wish: VerifyWish, { signal, progress }: Run): Promise<Verified> {
  progress('checking the checksums of the files');
  const service = serviceOf(wish.instanceId);
  const set = [`--set=${wish.label}`, `--repo=${String(wish.repository)}`];
  const said = await pgbackrest(clients, service, { args: [...set, '--output=text', '--verbose', 'verify'], signal });
  const status = /^status: (\w+)$/m.exec(said)?.[1];
  if (status !== 'ok') throw new DomainError('backup_damaged', `backup '${wish.label}': ${faultsOf(said)}`);
  progress('restoring it into a throw-away instance');
  const scratch = `verify/${wish.taskId}`;
  await clients.files.ensureDirectory(scratch, 0o700);
  try {
    return await restoreAndRead(clients, wish, clients.files.absolute(scratch), signal);
  } finally {
    await clients.files.removeTree(scratch);
  }
}

/** The lines in which pgBackRest names what is wrong, as one. */
const faultsOf = (said: string): string =>
  said
    .split('\n')
    .filter((line) => /invalid|missing|unable|error/i.test(line) && !/missing: 0, checksum invalid: 0/.test(line))
    .map((line) => line.trim())
    .slice(0, 3)
    .join('; ') || 'pgBackRest finds it damaged';

async function restoreAndRead(
  clients: Clients,
  wish: VerifyWish,
  scratch: string,
  signal: AbortSignal,
): Promise<Verified> {
  const token = randomUUID();
  const command = ['sh', '-c', SCRIPT, token, wish.label, String(wish.repository), String(wish.postgresMajor)];
  const result = await clients.docker.run({ ...containerOf(clients, wish, scratch), command, signal });
  if (result.exitCode !== 0) {
    const { message } = pgbackrestError('restore', { ...result, stdout: lastFault(result.stdout) });
    throw new DomainError('backup_damaged', `backup '${wish.label}' cannot be restored and read: ${message}`);
  }
  const found = new RegExp(`^${token} (\\d+) (\\d+) (\\d+)$`, 'm').exec(result.stdout);
  if (!found) throw new DomainError('backup_damaged', `backup '${wish.label}' was restored and could not be read`);
  return { databases: Number(found[1]), tables: Number(found[2]), bytesRead: Number(found[3]) };
}

/** Of Postgres' log the last line that says why. */
const lastFault = (log: string): string =>
  log
    .split('\n')
    .filter((line) => /(?:FATAL|PANIC|ERROR|error):/.test(line))
    .map((line) => `ERROR: ${line.replace(/^.*?(?:FATAL|PANIC|ERROR|error):\s*/, '')}`)
    .at(-1) ?? '';

function containerOf(clients: Clients, wish: VerifyWish, scratch: string): Omit<RunRequest, 'command' | 'signal'> {
  const at = (path: string): string => clients.files.absolute(path);
  return {
    name: `windlass-verify-${wish.taskId}`,
    image: wish.imageId,
    labels: { 'windlass.managed': 'true', 'windlass.database': wish.databaseId, 'windlass.task': wish.taskId },
    networks: wish.networks,
    mounts: [
      { source: at(`${instancePath(wish.instanceId)}/config`), target: '/windlass/config', readOnly: true },
      { source: at(backupsPath(wish.databaseId)), target: '/windlass/backups', readOnly: true },
      { source: scratch, target: '/scratch', readOnly: false },
      ...wish.volumes.map((v) => ({ source: v.hostPath, target: v.destinationPath, readOnly: true })),
    ],
  };
}

/** $0 a word nobody else says, $1 the label, $2 the repository, $3 the major version. What it archives goes nowhere. */
const SCRIPT = `
set -eu
export PATH=/usr/lib/postgresql/$3/bin:$PATH PGHOST=/scratch PGUSER=windlass
pgbackrest --config=${CONFIG_FILE} --stanza=${STANZA} --repo="$2" --set="$1" --pg1-path=/scratch/data --lock-path=/scratch/lock \\
  --spool-path=/scratch/spool --type=immediate --target-action=promote --archive-mode=off restore
${exportPgOptions('/scratch/data')}
postgres -D /scratch/data -c listen_addresses= -c unix_socket_directories=/scratch -c ssl=off -c archive_mode=off -c hot_standby=off \\
  -c shared_buffers=32MB -c shared_preload_libraries= -c synchronous_standby_names= -c fsync=off -c log_min_messages=warning \\
  -c hba_file=/scratch/data/pg_hba.conf -c ident_file=/scratch/data/pg_ident.conf &
server=$!
until pg_isready -q; do kill -0 $server 2>/dev/null || { wait $server; exit 1; }; sleep 0.05; done
databases=0; tables=0; bytes=0
psql -AtX -d postgres -c "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate" > /scratch/names
while IFS= read -r PGDATABASE; do
  export PGDATABASE
  databases=$((databases + 1))
  tables=$((tables + $(psql -AtX -c "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'm')" < /dev/null)))
  bytes=$((bytes + $(psql -AtX -c "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())" < /dev/null)))
  pg_dump -f /dev/null < /dev/null
done < /scratch/names
kill -INT $server; wait $server || true
echo "$0 $databases $tables $bytes"
`;
