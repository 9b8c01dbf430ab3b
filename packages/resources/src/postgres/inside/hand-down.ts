import type { PostgresSession } from '../clients/ports.ts';
import { keptBack } from './kept-back.ts';
import { boundedTransaction, hasSqlState, type Patience } from './lock-holders.ts';
import { SYSTEM_SUPERUSER } from './system-names.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

/** What roles own in one database, and who gets it. */
export interface Estate {
  readonly names: readonly string[];
  /** The owner of the application's database, or the control plane's superuser. */
  readonly heir: string;
  readonly database: string;
}

/**
 * Hands what roles own in this database to their heir and takes their grants away, in one transaction. Whatever gives the rights
 * of a superuser or of the operating system to its owner goes to the control plane's superuser instead.
 */
export async function handDown(
  session: PostgresSession,
  { names, heir, database }: Estate,
  patience: Patience,
): Promise<void> {
  const roles = names.map((name) => session.identifier(name)).join(', ');
  const kept = await keptBack(session, names);
  const purpose = `hand over what ${names.map((name) => `'${name}'`).join(', ')} owned in database '${database}'`;
  const give = (to: string): Promise<void> =>
    boundedTransaction(
      session,
      [
        ...kept.flatMap((one) => one.statements),
        `REASSIGN OWNED BY ${roles} TO ${session.identifier(to)}`,
        `DROP OWNED BY ${roles}`,
      ],
      purpose,
      patience,
    );
  try {
    await give(heir);
  } catch (err) {
    // Something else whose owner has to be a superuser.
    if (!hasSqlState(err, INSUFFICIENT_PRIVILEGE) || heir === SYSTEM_SUPERUSER) throw err;
    await give(SYSTEM_SUPERUSER);
    await patience.tell(`all that ${roles} owned in database '${database}' belongs to '${SYSTEM_SUPERUSER}' now`);
  }
  for (const { told } of kept)
    await patience.tell(`in database '${database}' ${told} belongs to '${SYSTEM_SUPERUSER}' now`);
}
