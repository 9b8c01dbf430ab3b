import { createHash } from 'node:crypto';
import type pg from 'pg';
import { inTransaction, QUIETLY } from './in-transaction.ts';
import { SPOCK } from './schema/spock.ts';

const DIGEST = createHash('sha256').update(SPOCK).digest('hex');

const STATE = `SELECT n.oid IS NOT NULL AS there, n.oid IS NOT DISTINCT FROM s.spock AS ours, s.spock_digest AS digest
  FROM windlass.setting s LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'spock'`;
const RECORD = `UPDATE windlass.setting SET spock_digest = '${DIGEST}',
  spock = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = 'spock')`;

interface State {
  readonly there: boolean;
  readonly ours: boolean;
  readonly digest: string | null;
}

/** Makes schema `spock`, for scripts that know its names. One that somebody else has made is left alone, with all that is in it. */
export async function makeSpock(client: pg.ClientBase): Promise<void> {
  const [state] = (await client.query<State>(STATE)).rows;
  if (!state || (state.there && (!state.ours || state.digest === DIGEST))) return;
  const make = state.there ? '' : 'CREATE SCHEMA spock;';
  await inTransaction(client, QUIETLY, () => client.query(`${make} ${SPOCK} ${RECORD}`));
}

/** Whether somebody else has a schema of that name: then scripts for Spock find what that one has in it. */
export async function isSpockTaken(client: pg.ClientBase): Promise<boolean> {
  const [state] = (await client.query<State>(STATE)).rows;
  return state !== undefined && state.there && !state.ours;
}
