import type { Clients, ExecResult } from '../clients/ports.ts';
import { DomainError, type ErrorName } from '../../errors/index.ts';
import { PGOPTIONS } from '../spec/own-sessions.ts';
import { CONFIG_FILE, STANZA } from './pgbackrest-file.ts';

/** Exit codes of pgBackRest that mean something else than that it failed: another one of the stanza has the lock; Postgres is away. */
const CODES: Readonly<Record<number, ErrorName>> = {
  50: 'backup_in_progress',
  56: 'postgres_unavailable',
  57: 'postgres_unavailable',
  137: 'postgres_unavailable',
};

export interface PgBackRestRun {
  /** The command and its options; never a credential. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  onOutput?(text: string): void;
}

/** Runs pgBackRest in the container of a service and gives its output; its error becomes ours. */
export async function pgbackrest(
  { docker }: Pick<Clients, 'docker'>,
  serviceName: string,
  { args, signal, onOutput }: PgBackRestRun,
): Promise<string> {
  const container = await docker.serviceContainer(serviceName);
  if (container?.state !== 'running')
    throw new DomainError('postgres_unavailable', `service '${serviceName}' has no running container`);
  const command = ['pgbackrest', `--config=${CONFIG_FILE}`, `--stanza=${STANZA}`, ...args];
  const result = await docker.exec(container.id, {
    command,
    env: { PGOPTIONS },
    signal,
    limitMs: Infinity, // copying takes as long as the storage takes
    ...(onOutput && { onOutput }),
  });
  if (result.exitCode !== 0) throw pgbackrestError(args.find((arg) => !arg.startsWith('-')) ?? '', result);
  return result.stdout;
}

/** What pgBackRest said, as an error of ours; `details.exitCode` is pgBackRest's. */
export function pgbackrestError(command: string, { exitCode, stdout, stderr }: ExecResult): DomainError {
  const said = /ERROR: (?:\[\d+\]: )?(.*(?:\n(?!P\d\d |[-0-9: .]+P\d\d ).*)*)/.exec(`${stderr}\n${stdout}`)?.[1];
  const reason = said === undefined ? `exit code ${String(exitCode)}` : pgbackrestReason(said);
  return new DomainError(CODES[exitCode] ?? 'backup_failed', `pgBackRest ${command}: ${reason}`, {
    details: { exitCode },
  });
}

/**
 * Why it failed, as one line: the first of the message; where that only says what was read, with the next one or with what an
 * object store answered. Never the rest, which quotes requests and what could not be decrypted.
 */
export function pgbackrestReason(message: string): string {
  const [first = '', second = ''] = message.split('\n').map((line) => line.trim());
  const line = first.replace(/^\[\w+\] /, '');
  if (!line.endsWith(':')) return line;
  if (/^(?:Format|Crypto)Error/.test(second)) return `${line} it is damaged, or encrypted with another passphrase`;
  return `${line} ${/<Message>([^<]*)<\/Message>/.exec(message)?.[1] ?? second.replace(/^\[?\w+Error\]?:? /, '').replace(/:$/, '')}`.trim();
}
