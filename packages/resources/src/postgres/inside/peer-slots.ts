import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../errors/index.ts';
import type { Clients, ClusterMember } from '../clients/ports.ts';
import { isPeerSlot } from '../spec/replicator.ts';
import { SYSTEM_REPLICATOR } from './system-names.ts';
import { serviceOf } from './with-primary.ts';

/** A copy is usable once its reader has confirmed what came after it began: seconds, but for a busy machine. */
const COPIED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 300;
const ASK_MS = 10_000;

const CERTS = '/windlass/certs';
const CONNECTION = `dbname=postgres user=${SYSTEM_REPLICATOR} sslmode=verify-ca sslrootcert=${CERTS}/ca.crt sslcert=${CERTS}/server.crt sslkey=${CERTS}/server.key connect_timeout=3`;

/** A member that is asked for its slots through another one, in whose container the question is put. */
export interface Asked {
  /** The instance whose container is on this host. */
  readonly through: string;
  /** The name of the member in the network of its node. */
  readonly host: string;
}

type Run = { readonly signal: AbortSignal; progress(message: string): void };
type Able = readonly ClusterMember[];

/**
 * Of those who could take over from a primary those at which all slots of other nodes are, so that those can read on there; waits a minute
 * for the first. All of them where no other node reads from the primary. Rejects `operation_refused` with what is missing where, at once where slots are not copied (before Postgres 17).
 */
export async function withPeerSlots(
  clients: Pick<Clients, 'docker' | 'postgres'>,
  { leader, address }: { readonly leader: string; readonly address: string },
  able: Able,
  { signal, progress }: Run,
): Promise<Able> {
  const until = performance.now() + COPIED_WITHIN_MS;
  for (;;) {
    const wanted = await peerSlotsAt(clients, address, signal);
    if (wanted.length === 0 || able.length === 0) return able;
    const missing = await Promise.all(
      able.map(async ({ host }) => slotsMissing(clients, { through: leader, host }, wanted, signal)),
    );
    const ready = able.filter((_, i) => missing[i]?.length === 0);
    if (ready.length > 0) return ready;
    const said = able.map(({ name }, i) => `'${name}' to have ${(missing[i] ?? wanted).join(', ')}`).join('; ');
    if (performance.now() > until) throw notCopied(`waited a minute for ${said}`);
    progress(`waiting for ${said}`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

const notCopied = (why: string): DomainError =>
  new DomainError(
    'operation_refused',
    `nobody can take over without other nodes losing their place in the log: ${why}`,
  );

/** Slots at a primary from which other nodes read. */
async function peerSlotsAt({ postgres }: Pick<Clients, 'postgres'>, address: string, signal: AbortSignal) {
  const target = { address, database: 'postgres', as: 'look', keep: true, signal } as const;
  const rows = await postgres.session(target, (session) => session.query<{ name: string; copied: boolean }>(HELD));
  const found = rows.filter(({ name }) => isPeerSlot(name));
  const [stays] = found.filter(({ copied }) => !copied);
  if (stays) throw notCopied(`the slot '${stays.name}' stays where it is before Postgres 17`);
  return found.map(({ name }) => name);
}

/** Which of these slots a member has no usable copy of; all where it does not answer. */
export async function slotsMissing(
  { docker }: Pick<Clients, 'docker'>,
  { through, host }: Asked,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const container = wanted.length > 0 ? await docker.serviceContainer(serviceOf(through)) : undefined;
  if (container?.state !== 'running') return [...wanted];
  const command = ['psql', '-XAtqw', '-d', `host=${host} port=5432 ${CONNECTION}`, '-c', USABLE];
  const asked = docker.exec(container.id, { command, signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]) });
  const { exitCode, stdout } = await asked.catch((err: unknown) => {
    if (signal.aborted) throw err;
    return SILENT;
  });
  const usable = exitCode === 0 ? stdout.split('\n') : [];
  return wanted.filter((name) => !usable.includes(name));
}

const SILENT = { exitCode: 1, stdout: '' };

const HELD = `SELECT slot_name AS name, coalesce((pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'failover')::pg_catalog.bool, false) AS copied
  FROM pg_catalog.pg_replication_slots s
  WHERE slot_type OPERATOR(pg_catalog.=) 'logical' AND NOT temporary ORDER BY slot_name`;

/** Copies of slots at a replica with which readers could go on there. */
export const USABLE = `SELECT slot_name FROM pg_catalog.pg_replication_slots s
  WHERE slot_type OPERATOR(pg_catalog.=) 'logical' AND NOT temporary
    AND coalesce((pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'synced')::pg_catalog.bool, false)
    AND (pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'invalidation_reason') IS NULL`;
