import type { components } from '@windlass/client';
import { CommandError, EXIT } from './exit.ts';
import type { Session } from './session.ts';

type Database = components['schemas']['Database'];

/** One with its spec and its nodes. */
export async function readDatabase(session: Session, database_id: string): Promise<Database> {
  const { api } = await session.client();
  const { data } = await api.GET('/v1/databases/{database_id}', { params: { path: { database_id } } });
  if (data) return data;
  throw new CommandError(EXIT.failed, 'the server answered without a database');
}
