import { isObject, type JsonObject } from '@windlass/client/json';

/** What lists show that have more than fits; every other list shows what all sorts of entity have. */
const CHOSEN: Readonly<Record<string, readonly string[]>> = {
  task: ['task_id', 'scope', 'entity_id', 'type', 'status', 'created_at', 'error'],
  backup: ['label', 'type', 'started_at', 'finished_at', 'stored_bytes', 'verified'],
  token: ['id', 'name', 'role', 'tenants', 'expires_at', 'last_used_at'],
  instance: ['id', 'node', 'host', 'role', 'state', 'lag', 'error'],
  audit: ['id', 'at', 'who', 'from', 'operation', 'entity', 'answer'],
  context: ['name', 'url', 'current'],
};
const COMMON = ['id', 'state', 'status.state', 'drain.state', 'tenant_id', 'instances', 'created_at', 'updated_at'];

/** `wide` shows every field that is short. */
export function columnsOf(kind: string, rows: readonly JsonObject[], wide: boolean): readonly string[] {
  const has = (name: string) => rows.some((row) => name.split('.').reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), row) !== undefined); // prettier-ignore
  const chosen = CHOSEN[kind] ?? COMMON.filter(has);
  if (!wide) return chosen;
  const short = rows.flatMap((row) => Object.keys(row).filter((name) => !isObject(row[name])));
  return [...new Set([...chosen, ...short])];
}
