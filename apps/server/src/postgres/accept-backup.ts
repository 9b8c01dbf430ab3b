import { DomainError } from '@windlass/resources/errors';
import {
  backupOptionRefusal,
  effectiveNode,
  type ApiInstance,
  type BackupOptions,
} from '@windlass/resources/postgres/spec';
import { formatIssues, type Issue } from '@windlass/resources/api';
import type { ServerDeps } from '../core/deps.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { isModifiable } from '../entities/busy.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { acceptOperation, type Operation } from './accept-operation.ts';
import { readDatabase, type StoredDatabase } from './read-database.ts';
import { readInstances, toApiInstance } from './view.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

export interface BackupWish {
  readonly id: string;
  readonly nodeName: string;
  readonly force: boolean;
  readonly options: BackupOptions;
}

/** Takes a backup of a node: it needs a primary that is available, also when forced. */
export async function acceptBackup(deps: ServerDeps, wish: BackupWish, also: AlsoTask): Promise<TaskRecord> {
  const { id, nodeName, options } = wish;
  const before = await readDatabase(deps, id);
  await refuseWithoutPrimary(deps, before, nodeName);
  if (!wish.force && !isModifiable(before.record)) throw new DomainError('database_not_modifiable');
  refuseWithoutBackups(before, nodeName);
  refuseOptions(options);
  const { repo, 'backup-standby': asked = 'n', ...rest } = options.backup_options ?? {};
  const standby = STANDBY[asked];
  if (standby === 'required') refuseWithoutReplica(before, nodeName);
  const input = {
    nodeName,
    type: options.type,
    annotations: options.annotations ?? {},
    options: rest,
    ...(standby !== undefined && { standby }),
    ...(repo !== undefined && { repository: Number(repo) }),
  };
  return acceptOne(deps, before, { type: 'node_backup', input }, also);
}

/** pgBackRest's words for `backup-standby`; an empty value is a flag. */
const STANDBY: Readonly<Record<string, 'required' | 'preferred'>> = {
  '': 'required',
  y: 'required',
  prefer: 'preferred',
};

function refuseWithoutReplica({ stored }: StoredDatabase, nodeName: string): void {
  if (effectiveNode(stored.spec, nodeName).hostIds.length > 1) return;
  const message = `node ${nodeName} has one instance, and no replica to copy from: give it more host_ids, or ask for "prefer"`;
  throw new DomainError('invalid_input', formatIssues([{ path: ['backup_options', 'backup-standby'], message }]));
}

type BackupTask = 'node_backup' | 'delete_backup' | 'verify_backup';

/** Of a node one at a time: pgBackRest takes one, and the others would wait for it. */
export async function acceptOne<T extends BackupTask>(
  deps: ServerDeps,
  before: StoredDatabase,
  operation: Operation<T>,
  also: AlsoTask,
): Promise<TaskRecord> {
  const turn = { entity: before.entity, node: operation.input.nodeName, sort: 'backups' };
  return acceptOperation(deps, before, operation, await oneAtATime(deps, turn, also));
}

async function refuseWithoutPrimary(deps: ServerDeps, { record }: StoredDatabase, nodeName: string): Promise<void> {
  const statuses = await readInstances(deps.kv, record.id);
  const ours = statuses.map((s) => toApiInstance(s, record.state, deps.now())).filter((i) => i.node_name === nodeName);
  const isPrimary = ({ postgres }: ApiInstance): boolean => postgres?.role === 'primary';
  if (ours.some((i) => isPrimary(i) && i.state === 'available')) return;
  const [shown] = [...ours.filter(isPrimary), ...ours];
  if (!shown) throw new DomainError('invalid_input', `node ${nodeName} not found`);
  throw new DomainError('invalid_input', `node ${nodeName} is in an unsupported state (${shown.state})`);
}

export function refuseWithoutBackups({ stored }: StoredDatabase, nodeName: string): void {
  if (!stored.spec.nodes.some((node) => node.name === nodeName))
    throw new DomainError('invalid_input', `node not in db spec: ${nodeName}`);
  if (!effectiveNode(stored.spec, nodeName).backups)
    throw new DomainError('invalid_input', 'backups are not configured for this database node');
}

function refuseOptions({ annotations = {}, backup_options: options = {} }: BackupOptions): void {
  const issues: Issue[] = [
    ...Object.entries(options).flatMap(([key, value]) => {
      const message = backupOptionRefusal(key, value);
      return message === undefined ? [] : [{ path: ['backup_options', key], message }];
    }),
    ...Object.entries(annotations)
      .filter(
        ([key, value]) => !/^[A-Za-z0-9_.-]{1,64}$/.test(key) || key.startsWith('windlass') || /\p{Cc}/u.test(value),
      )
      .map(([key]) => ({ path: ['annotations', key], message: 'must be a plain name, not "windlass…", and one line' })),
  ];
  if (issues.length > 0) throw new DomainError('invalid_input', formatIssues(issues));
}
