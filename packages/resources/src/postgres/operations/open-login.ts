import { randomBytes } from 'node:crypto';
import { DomainError } from '../../errors/index.ts';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import { inOneTransaction } from '../inside/lock-holders.ts';
import { OPEN } from '../inside/open-node.ts';
import { personStatements, powerOf, READER } from '../inside/person-logins.ts';
import { SYSTEM_SUPERUSER } from '../inside/system-names.ts';
import { withPrimary } from '../inside/with-primary.ts';
import { makeScramVerifier } from '../spec/scram.ts';

/** With whose rights a session works. */
export type LoginAccess =
  { readonly access: 'user'; readonly user: string } | { readonly access: 'read' } | { readonly access: 'superuser' };

export type LoginWish = LoginAccess & {
  /** Of the role; nobody else has it. */
  readonly name: string;
  /** For how long new sessions can be begun. */
  readonly seconds: number;
};

/** A login that is there, with its password. */
export interface OpenedLogin {
  readonly name: string;
  readonly password: string;
  readonly actsAs: string;
  /** ISO 8601, by the clock of the primary. */
  readonly until: string;
}

interface LoginPlace {
  readonly scope: string;
  readonly nodeName: string;
  readonly databaseName: string;
  /** Nobody logs in on the node before its database is marked as open. */
  readonly opensLater: boolean;
}

const ACTS_AS = { read: READER, superuser: SYSTEM_SUPERUSER } as const;

/**
 * Makes a login for a person on the primary of a node, which is on this host. Only `superuser` makes one that can become a superuser.
 * To be called again after any failure: the password is another one then.
 */
export async function openLogin(
  clients: Clients,
  place: LoginPlace,
  wish: LoginWish,
  signal: AbortSignal,
): Promise<OpenedLogin> {
  const { databaseName, scope } = place;
  const actsAs = wish.access === 'user' ? wish.user : ACTS_AS[wish.access];
  const password = randomBytes(24).toString('base64url');
  return withPrimary(clients, scope, 'postgres', signal, async (session) => {
    await refuse(session, place, wish);
    const { there, until, iso } = await look(session, wish);
    const { name } = wish;
    const login = { name, actsAs, databaseName, until, readOnly: wish.access === 'read' };
    await inOneTransaction(
      session,
      personStatements({ ...login, verifier: makeScramVerifier(password) }, there, session),
    );
    return { name, password, actsAs, until: iso };
  });
}

async function refuse(session: PostgresSession, place: LoginPlace, wish: LoginWish): Promise<void> {
  const { nodeName, databaseName, opensLater } = place;
  const isClosed = opensLater && (await session.query(OPEN, [databaseName])).length === 0;
  if (isClosed)
    throw new DomainError('operation_refused', `nobody logs in on node '${nodeName}' before it has all rows of the others`); // prettier-ignore
  if (wish.access !== 'user') return;
  const power = await powerOf(session, wish.user);
  if (power === 'absent')
    throw new DomainError('operation_refused', `user '${wish.user}' is not on node '${nodeName}'`);
  if (power === 'powerful')
    throw new DomainError('operation_refused', `user '${wish.user}' is a superuser, or can become one: that takes access 'superuser'`); // prettier-ignore
}

interface Row {
  readonly there: boolean;
  readonly until: string;
  readonly iso: string;
}

async function look(session: PostgresSession, { name, seconds }: LoginWish): Promise<Row> {
  const [row] = await session.query<Row>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1) AS there, at::pg_catalog.text AS until,
            pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS iso
       FROM (SELECT pg_catalog.date_trunc('second', pg_catalog.now()) + pg_catalog.make_interval(secs => $2) AS at) AS soon`,
    [name, seconds],
  );
  if (!row) throw new Error('unreachable: the statement has one row');
  return row;
}
