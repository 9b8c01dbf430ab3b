import { WindlassError } from '@windlass/client';
import { readEntity } from '../entity.ts';
import { changesOf, type Wanted } from '../declarations/apply.ts';
import type { Session } from '../session.ts';
import { printValue } from './print.ts';

/** Field by field: `-` as it is, `+` as it is declared. */
export async function showDifferences(session: Session, wanted: Wanted): Promise<void> {
  const { terminal, paint } = session;
  const kind = await session.kind(wanted.kind);
  const there = await readEntity(session, kind, wanted.id).catch((err: unknown) => {
    if (err instanceof WindlassError && err.status === 404) return undefined;
    throw err;
  });
  const changes = await changesOf(session, there, wanted);
  if (session.format === 'json' || session.format === 'yaml') return printValue(session, changes);
  terminal.out(`${paint('bold', `${wanted.kind} ${wanted.id}`)}${there ? '' : ' is not there'}\n`);
  for (const { path, from, to } of changes) {
    if (from !== undefined) terminal.out(`${paint('red', `- ${path}: ${JSON.stringify(from)}`)}\n`);
    if (to !== undefined) terminal.out(`${paint('green', `+ ${path}: ${JSON.stringify(to)}`)}\n`);
  }
}
