import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { instanceLog } from '@windlass/resources/postgres/records';
import type { InstanceLogResponse } from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { lookAttributes } from './look-attributes.ts';
import { readDatabase } from './read-database.ts';
import { readInstances } from './view.ts';

/** How long a host may take to answer. */
const LIMIT_MS = 15_000;
const LINES = 200;
const MOST = 1000;

export interface LogRequest {
  readonly id: string;
  readonly instanceId: string;
  readonly since?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** What an instance wrote, as its host has it now. */
export async function readLog(deps: ServerDeps, request: LogRequest): Promise<InstanceLogResponse> {
  const { id, instanceId, since, after } = request;
  await readDatabase(deps, id);
  const instance = (await readInstances(deps.kv, id)).find((one) => one.instanceId === instanceId);
  if (!instance) throw new DomainError('not_found', 'instance not found');
  const query = {
    most: linesOf(request.limit),
    ...(since !== undefined && { since: timeOf(since) }),
    ...(after !== undefined && { after: positionOf(after) }),
  };
  const { sealed } = await deps.temporal.execute(
    {
      ...{ type: 'readLog', id: `log/${instanceId}/${randomUUID()}` },
      input: { databaseId: id, nodeName: instance.nodeName, instanceId, query },
      summary: `read the log of instance ${instanceId} of database ${id}`,
      attributes: lookAttributes(id, 'read_log'),
    },
    LIMIT_MS,
  );
  const text = await deps.box.open(`database/${id}/log/${instanceId}`, sealed);
  const { lines, cut } = instanceLog.parse(JSON.parse(text));
  const next = lines.at(-1)?.at ?? query.after;
  return { lines: lines.map(({ at, text }) => ({ time: at, text })), cut, ...(next !== undefined && { next }) };
}

function linesOf(limit: number | undefined): number {
  if (limit === undefined) return LINES;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new DomainError('invalid_input', `limit: must be between 1 and ${String(MOST)}`);
}

function timeOf(text: string): string {
  if (/^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
  throw new DomainError('invalid_input', 'since: must be a time such as 2026-01-31T12:00:00Z');
}

function positionOf(text: string): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new DomainError('invalid_input', 'after: must be the `next` of an answer before');
}
