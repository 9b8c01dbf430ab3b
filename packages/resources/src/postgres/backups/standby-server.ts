import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { CONFIG_FILE, pgbackrestError, serviceOf, STANZA } from '../inside/index.ts';
import { PGOPTIONS } from '../spec/own-sessions.ts';
import { memberName } from '../inside/system-names.ts';

/** A replica that the primary copies from. */
export interface Standby {
  readonly instanceId: string;
  /** Patroni's name for the node. */
  readonly scope: string;
  /** Who is to reach it. */
  readonly primary: string;
}

const CERTS = '/windlass/certs';
const PORT = '8432';
/** Stands in the command line of every server for a backup, and of nothing else. */
const MARK = '--tls-server-auth=';

/**
 * Lets the primary read the data files of a standby: starts pgBackRest's server in the standby's container. It listens where
 * members of the node reach it, and answers to none but them, by their certificate. One that is left from before ends first.
 */
export async function openStandby(clients: Clients, standby: Standby, signal: AbortSignal): Promise<void> {
  const { primary, scope } = standby;
  const command = ['sh', '-c', `${STOP}\n${START}`, MARK, serviceOf(primary), memberName(scope)];
  const container = await running(clients, standby);
  if (container === undefined)
    throw new DomainError('postgres_unavailable', `the container of '${standby.instanceId}' does not run`);
  const result = await clients.docker.exec(container, { command, env: { PGOPTIONS }, signal });
  if (result.exitCode !== 0) throw pgbackrestError('server', result);
}

/** Ends what `openStandby` started. One that does not run is success. */
export async function closeStandby(clients: Clients, standby: Standby, signal: AbortSignal): Promise<void> {
  const container = await running(clients, standby);
  if (container !== undefined) await clients.docker.exec(container, { command: ['sh', '-c', STOP, MARK], signal });
}

async function running({ docker }: Clients, { instanceId }: Standby): Promise<string | undefined> {
  const container = await docker.serviceContainer(serviceOf(instanceId));
  return container?.state === 'running' ? container.id : undefined;
}

/** Options of `pgbackrest backup` at the primary: files come from the standby, what only the primary has from itself. */
export const copyFrom = (instanceId: string): readonly string[] => [
  '--backup-standby',
  `--pg2-host=${serviceOf(instanceId)}`,
  '--pg2-host-type=tls',
  `--pg2-host-port=${PORT}`,
  `--pg2-host-ca-file=${CERTS}/ca.crt`,
  `--pg2-host-cert-file=${CERTS}/server.crt`,
  `--pg2-host-key-file=${CERTS}/server.key`,
  `--pg2-host-config=${CONFIG_FILE}`,
  '--pg2-path=/windlass/data/pgdata',
  '--pg2-port=5432',
  '--pg2-socket-path=/tmp',
  '--pg2-user=windlass',
  '--pg2-database=postgres',
];

/** $0 the mark. */
const STOP = `
servers() {
  for p in /proc/[0-9]*; do ! grep -qsx pgbackrest "$p/comm" || ! grep -qsF -- "$1" "$p/cmdline" || echo "\${p#/proc/}"; done
}
for pid in $(servers "$0"); do kill -TERM "$pid" 2> /dev/null || true; done
while [ -n "$(servers "$0")" ]; do sleep 0.05; done`;

/** $1 the name of the primary, $2 the common name of the members. It listens at the address that the primary reaches it by. */
const START = `
set -eu
address=$(python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 1))
print(s.getsockname()[0])' "$1")
log=/tmp/windlass-backup-server.log
setsid pgbackrest --config=${CONFIG_FILE} --log-level-file=off --tls-server-address="$address" --tls-server-port=${PORT} \\
  --tls-server-ca-file=${CERTS}/ca.crt --tls-server-cert-file=${CERTS}/server.crt --tls-server-key-file=${CERTS}/server.key \\
  "$0$2=${STANZA}" server < /dev/null > "$log" 2>&1 &
server=$!
until pgbackrest --config=${CONFIG_FILE} --log-level-file=off --tls-server-port=${PORT} server-ping "$address" > /dev/null 2>&1; do
  kill -0 "$server" 2> /dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done`;
