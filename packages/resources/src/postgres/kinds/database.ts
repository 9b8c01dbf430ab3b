import { z } from 'zod';
import type { Clients, PostgresSession } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { changeOwner, NOBODYS } from '../inside/change-owner.ts';
import { STATE, type DatabaseState } from '../inside/database-state.ts';
import type { Aside } from '../inside/lock-holders.ts';
import { SYSTEM_SUPERUSER } from '../inside/system-names.ts';
import { byScope } from './by-scope.ts';
import { defineResource } from './define.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { roles } from './roles.ts';
import { withPrimary } from '../inside/with-primary.ts';

const spec = z.strictObject({
  nodeName: z.string(),
  /** Patroni's name for the node. */
  scope: z.string(),
  databaseName: z.string(),
  /** Absent: the system's superuser owns it. */
  owner: z.string().optional(),
});
type Spec = z.output<typeof spec>;

/** The application's database and its owner. Its data is deleted with the instance's directories, never before. */
export const database = defineResource({
  kind: 'postgres.database',
  version: 2,
  migrations: [byScope],
  spec,
  status: z.strictObject({ owner: z.string() }),
  immutable: ['databaseName'],
  id: (s) => `${s.nodeName}:${s.databaseName}`,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  dependsOn: (s) => [{ ref: roles.ref(s.nodeName) }],
  within: (s) => patroniCluster.ref(s.scope),

  async refresh(prior, context) {
    const found = await look(prior.spec, context);
    if (found === undefined) return undefined;
    const { owner, state } = found;
    const drift = [
      ...(owner === wantedOwner(prior.spec) ? [] : ['owner']),
      ...(state === 'open' ? [] : ['connections']),
    ];
    return { status: { owner }, drift };
  },
  create: (s, context) => ensure(s, context, () => true),
  update: (s, prior, context) => ensure(s, context, (former) => former === wantedOwner(prior.spec)),
  delete: () => Promise.resolve(),
});

const wantedOwner = (s: Spec): string => s.owner ?? SYSTEM_SUPERUSER;

interface Found {
  readonly owner: string;
  readonly state: DatabaseState;
}
const QUERY = `SELECT r.rolname AS owner, ${STATE} AS state
    FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) d.datdba
   WHERE d.datname OPERATOR(pg_catalog.=) $1`;

const find = async (session: PostgresSession, name: string): Promise<Found | undefined> =>
  (await session.query<Found>(QUERY, [name]))[0];

const look = (s: Spec, { clients, signal }: Context<Clients>): Promise<Found | undefined> =>
  withPrimary(clients, s.scope, 'postgres', signal, (session) => find(session, s.databaseName), 'look');

/** `wasOurs` says of the former owner whether the spec had it so: what it owns in the database moves with it. */
async function ensure(
  s: Spec,
  context: Context<Clients>,
  wasOurs: (former: string) => boolean,
): Promise<{ owner: string }> {
  const { clients, signal, tell } = context;
  const owner = wantedOwner(s);
  const former = await withPrimary(clients, s.scope, 'postgres', signal, async (session) => {
    const [name, role] = [session.identifier(s.databaseName), session.identifier(owner)];
    let found = await find(session, s.databaseName);
    if (!found)
      try {
        await session.query(`CREATE DATABASE ${name} OWNER ${role}`);
        return owner;
      } catch (err) {
        // An attempt that was taken for dead, because it was slow, may have been making it all the while.
        found = await find(session, s.databaseName);
        if (!found) throw err;
      }
    await letIn(session, s.databaseName, found.state, tell);
    if (found.owner === owner) return owner;
    const [its] = wasOurs(found.owner) ? [] : await session.query<{ nobodys: boolean }>(NOBODYS, [found.owner]);
    if (its === undefined || its.nobodys) return found.owner;
    await session.query(`ALTER DATABASE ${name} OWNER TO ${role}`); // somebody else's objects stay theirs
    return owner;
  });
  const aside: Aside = (work) => withPrimary(clients, s.scope, 'postgres', signal, work);
  if (former !== owner)
    await withPrimary(clients, s.scope, s.databaseName, signal, (session) =>
      changeOwner(session, { databaseName: s.databaseName, from: former, to: owner }, { aside, signal, tell }),
    );
  return { owner };
}

/** A database that is declared is one that can be entered; what an interrupted DROP left cannot, ever. */
async function letIn(
  session: PostgresSession,
  name: string,
  state: DatabaseState,
  tell: Context<Clients>['tell'],
): Promise<void> {
  if (state === 'invalid')
    throw new DomainError(
      'operation_refused',
      `database '${name}' is what an interrupted DROP DATABASE left, nobody can enter it: drop it, then update again`,
    );
  if (state !== 'shut') return;
  await session.query(`ALTER DATABASE ${session.identifier(name)} ALLOW_CONNECTIONS true`);
  await tell(`connections to database '${name}' had been switched off, and are allowed again`);
}
