import { startFailure } from '../inside/start-report.ts';
import type { Check } from './check.ts';

/** Patroni starts a Postgres that is down at least so often: what its log said before is not why it is down now. */
const RECENT_MS = 120_000;

/** A member that is silent because its Postgres does not start: its log says why. */
export const failedStart: Check = {
  name: 'failed-start',
  roles: ['silent'],
  async look({ clients, containerId }) {
    const log = await clients.docker.log(containerId, new Date(Date.now() - RECENT_MS));
    const reason = startFailure(sinceItServed(log));
    return reason === undefined
      ? []
      : [{ type: 'postgres_cannot_start', message: `Postgres does not start: ${reason}` }];
  },
};

/** What kept Postgres from starting before it did start is not why it is down now. */
const sinceItServed = (log: string): string => log.slice(Math.max(0, log.lastIndexOf('system is ready to accept')));
