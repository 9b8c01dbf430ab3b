import { DomainError } from '@windlass/error-table';
import { clientOf } from '../sql/index.ts';
import type { ComparedNode } from './node-session.ts';

/** For how long a node may take to apply what the others had written, in seconds. */
const WITHIN_S = 60;

const EVENT = 'SELECT windlass.sync_event()::text AS lsn';
const WAIT = 'CALL windlass.wait_for_sync_event(true, $1::name, $2::pg_lsn, $3::int)';

/**
 * Resolves when everything that was committed on any node before is applied on all. Rejects `instance_not_ready` with which node waits for
 * which when that takes longer than a minute. Its sessions are its own, each time: a marker is seldom, and may come hours after the last one.
 */
export const markerOf =
  (nodes: readonly ComparedNode[], withinS = WITHIN_S) =>
  async (signal?: AbortSignal): Promise<void> => {
    const clients = nodes.map(({ connection }) =>
      clientOf({ application_name: 'windlass compare', ...connection }, signal),
    );
    try {
      await Promise.all(clients.map((client) => client.connect()));
      const events = await Promise.all(clients.map((client) => client.query<{ lsn: string }>(EVENT)));
      await Promise.all(
        clients.map(async (client, here) => {
          for (const [there, { rows }] of events.entries())
            if (there !== here) await waitFor(client, nodes[here], nodes[there], rows[0]?.lsn ?? '', withinS);
        }),
      );
    } catch (err) {
      signal?.throwIfAborted();
      throw err;
    } finally {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    }
  };

async function waitFor(
  client: ReturnType<typeof clientOf>,
  here: ComparedNode | undefined,
  there: ComparedNode | undefined,
  lsn: string,
  withinS: number,
): Promise<void> {
  const { rows } = await client.query<{ result: boolean }>(WAIT, [there?.name, lsn, withinS]);
  if (rows[0]?.result === true) return;
  const message = `node '${String(here?.name)}' has not applied within ${String(withinS)} s what '${String(there?.name)}' had written`;
  throw new DomainError('instance_not_ready', message);
}
