import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { checkpoint } from '../inside/hand-over.ts';
import { DomainError } from '../../errors/index.ts';
import { untilReady } from '../kinds/until-ready.ts';
import { nextStartFailure } from '../inside/next-start.ts';
import { serviceOf } from '../inside/with-primary.ts';
import { memberAddress } from './member-address.ts';

export interface Restart {
  readonly instanceId: string;
  /** When the postmaster was started that is to be replaced: one started later is not restarted again. */
  readonly startedAt: string;
}

/** When the postmaster of an instance on this host was started. */
export async function startedAt(clients: Clients, instanceId: string): Promise<string> {
  const { postmasterStartTime = '' } = await clients.patroni.status(await memberAddress(clients, instanceId));
  return postmasterStartTime;
}

/**
 * Restarts Postgres through Patroni and waits until the instance does its part again. A primary checkpoints first. One that says
 * itself that it would not serve again is left running (`operation_refused`); one that does not start is not waited for
 * (`postgres_cannot_start`).
 */
export async function restartPostgres(clients: Clients, { instanceId, startedAt }: Restart, run: Run): Promise<void> {
  const address = await memberAddress(clients, instanceId);
  const { role, postmasterStartTime = '' } = await clients.patroni.status(address);
  if (postmasterStartTime === startedAt) {
    await refuseToStop(clients, address, run.signal);
    run.progress('Postgres checkpoints');
    if (role === 'primary') await checkpoint(clients, address, run.signal);
    run.progress('Postgres restarts');
    await clients.patroni.restart(address, run.signal);
  }
  await untilReady({ serviceName: serviceOf(instanceId) }, clients, run.signal, run.progress);
}

async function refuseToStop({ postgres }: Clients, address: string, signal: AbortSignal): Promise<void> {
  const reason = await postgres
    .session({ address, database: 'postgres', signal }, (session) => nextStartFailure(session, (work) => work(session)))
    .catch(() => undefined); // one that does not answer may need the restart
  if (reason !== undefined)
    throw new DomainError('operation_refused', `Postgres runs, and after a restart it would not serve: ${reason}`);
}
