import type { Clients, PostgresSession } from '../clients/ports.ts';
import { domainErrorOf } from '../../errors/index.ts';
import { isPeerSlot } from '../spec/replicator.ts';
import { othersSlots, slotName, type OthersSlot } from './others-slots.ts';

export interface Primary {
  readonly scope: string;
  readonly instanceId: string;
  readonly address: string;
}

/** Nobody waits longer for what is only said. */
const WITHIN_MS = 3000;

/** What a change of the primary leaves behind at this one, in sentences: what people made and Postgres does not replicate. */
export async function leftBehind(
  clients: Pick<Clients, 'postgres'>,
  primary: Primary,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return await look(clients, primary, AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]));
  } catch (err) {
    if (signal.aborted) throw err;
    const why = domainErrorOf(err)?.message ?? 'it does not answer';
    return [
      `what stays at '${primary.instanceId}' when another member becomes the primary could not be looked at: ${why}`,
    ];
  }
}

async function look(
  { postgres }: Pick<Clients, 'postgres'>,
  { scope, instanceId, address }: Primary,
  signal: AbortSignal,
): Promise<string[]> {
  const within = <T>(database: string, work: (session: PostgresSession) => Promise<T>): Promise<T> =>
    postgres.session({ address, database, as: 'look', signal }, work);
  const { slots, databases } = await within('postgres', async (session) => ({
    slots: await othersSlots(session, scope),
    databases: await session.query<{ name: string }>(ENTERED),
  }));
  const emptied: string[] = [];
  for (const { name } of databases) {
    const [found] = await within(name, (session) => session.query<{ count: number }>(UNLOGGED));
    if (found && found.count > 0) emptied.push(`${tables(found.count)} of database '${name}'`);
  }
  return [
    ...slots.filter((slot) => !comesAlong(slot)).map((slot) => staysAt(slot, instanceId)),
    ...emptied.map(
      (which) => `${which} will be empty at another primary than '${instanceId}': unlogged is not replicated`,
    ),
  ];
}

/** Nobody takes over in an orderly way who does not have it. */
const comesAlong = ({ name, failover }: OthersSlot): boolean => failover && isPeerSlot(name);

const tables = (count: number): string => (count === 1 ? 'an unlogged table' : `${String(count)} unlogged tables`);

const staysAt = (slot: OthersSlot, instanceId: string): string =>
  slot.failover
    ? `${slotName(slot)} goes on at another primary than '${instanceId}' only where that has synchronized it`
    : `${slotName(slot)} stays at '${instanceId}' when another member becomes the primary: its reader has to begin anew there`;

const ENTERED = `SELECT datname AS name FROM pg_catalog.pg_database
  WHERE datallowconn AND datconnlimit OPERATOR(pg_catalog.<>) -2 AND NOT datistemplate ORDER BY datname`;

const UNLOGGED = `SELECT pg_catalog.count(*)::int AS count FROM pg_catalog.pg_class
  WHERE relpersistence OPERATOR(pg_catalog.=) 'u' AND relkind OPERATOR(pg_catalog.=) 'r'`;
