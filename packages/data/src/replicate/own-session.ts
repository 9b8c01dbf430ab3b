import { DomainError } from '@windlass/error-table';
import type pg from 'pg';
import { toSourceError } from '../source/postgres/index.ts';
import { OwnConnectionLost } from './port.ts';

/** Another process holds the lock of those who replicate for this node. */
export class AnotherReplicator extends Error {
  override readonly name = 'AnotherReplicator';
}

export async function query<R extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
  values: unknown[],
): Promise<R[]> {
  return (await ofOwn(client.query<R>(text, values))).rows;
}

/** That the own primary does not answer concerns everything, whatever asked: `OwnConnectionLost`. */
export async function ofOwn<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (err) {
    const said = toSourceError(err, 'command');
    if (said instanceof DomainError && said.code === 'connection_failed')
      throw new OwnConnectionLost(said.message, { cause: said });
    throw said;
  }
}
