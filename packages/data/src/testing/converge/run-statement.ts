import type { LocalWrite } from './local-write.ts';
import { partitionOf } from './schema.ts';
import type { Statement } from './statement.ts';

/** Runs a statement as a user would; false when it fails, and its transaction with it. */
export function runStatement(write: LocalWrite, statement: Statement): boolean {
  if (statement.on === 'logs') return onLogs(write, statement);
  if (statement.what === 'truncate') return truncate(write, statement);
  const table = statement.on === 'parts' ? partitionOf(statement.id) : statement.on;
  const here = write.visible(table, statement.id);
  const insert = (): boolean => write.insert(table, newRow(statement));
  if (statement.what === 'insert') return insert();
  if (statement.what === 'upsert' && !here) return insert();
  if (!here) return true;
  if (statement.what === 'delete') write.delete(table, here);
  else if (statement.what === 'rekey')
    return statement.to === statement.id || write.rekey(statement.on, here, statement.to);
  else return write.update(table, here, setOf(statement));
  return true;
}

function newRow({ on, id, a, b }: Statement): { [column: string]: string } {
  if (on === 'items') return { id, a, big: b };
  return on === 'users' ? { id, mail: a, nick: b } : { id, a };
}

/** What an update sets: one column, or both. */
function setOf({ on, a, b, which }: Statement): { [column: string]: string } {
  const names = on === 'items' ? ['a', 'big'] : on === 'users' ? ['mail', 'nick'] : ['a', 'a'];
  const [first = 'a', second = 'a'] = names;
  if (which % 3 === 0) return { [first]: a };
  return which % 3 === 1 ? { [second]: b } : { [first]: a, [second]: b };
}

function truncate(write: LocalWrite, { on, which }: Statement): boolean {
  if (on !== 'parts') write.truncate([on]);
  else write.truncate([['parts_0'], ['parts_1'], ['parts_0', 'parts_1']][which % 3] ?? []);
  return true;
}

/** On the table without a key: one more, one less, one that becomes another. */
function onLogs(write: LocalWrite, { what, a, b }: Statement): boolean {
  if (what === 'truncate') write.truncate(['logs']);
  else if (what === 'insert' || what === 'upsert') log(write, a);
  else if (write.number(a) === 0) return true;
  else if (what === 'delete') unlog(write, a);
  else {
    write.count(a, -1);
    write.count(b, 1);
    write.wire.push({ kind: 'update', table: 'logs', old: { x: a }, row: { x: b } });
  }
  return true;
}

function log(write: LocalWrite, x: string): void {
  write.count(x, 1);
  write.wire.push({ kind: 'insert', table: 'logs', row: { x } });
}

function unlog(write: LocalWrite, x: string): void {
  write.count(x, -1);
  write.wire.push({ kind: 'delete', table: 'logs', old: { x } });
}
