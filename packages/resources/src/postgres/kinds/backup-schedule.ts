import { z } from 'zod';
import type { Context } from '../../engine/resource.ts';
import type { Clients, ScheduledWorkflow, ScheduleRequest } from '../clients/ports.ts';
import { defineResource } from './define.ts';
import { pgbackrestStanza } from './pgbackrest-stanza.ts';

const spec = z.strictObject({
  nodeName: z.string(),
  scope: z.string(),
  scheduleId: z.string(),
  type: z.enum(['full', 'incr', 'verify']),
  /** Five fields, UTC. */
  cron: z.string(),
  /** Nothing of the node runs: it is to stay stopped. */
  paused: z.boolean(),
});
type Spec = z.output<typeof spec>;

/** A schedule in Temporal that takes a backup of a node, or verifies those it has: one at a time, and at most an hour late. */
export const backupSchedule = defineResource({
  kind: 'backup.schedule',
  version: 1,
  spec,
  status: z.strictObject({ name: z.string() }),
  immutable: ['nodeName', 'scheduleId'],
  id: (s) => `${s.nodeName}:${s.scheduleId}`,
  executor: () => ({ on: 'any' }),
  dependsOn: (s) => [{ ref: pgbackrestStanza.ref(s.scope) }],

  async refresh(prior, context) {
    const name = nameOf(prior.spec, context);
    const found = await context.clients.schedules.get(name);
    if (!found) return undefined;
    const wanted = requestOf(prior.spec, context);
    const drift = [
      ...(found.note === wanted.note ? [] : ['timetable']),
      ...(found.paused === wanted.paused ? [] : ['paused']),
    ];
    return { status: { name }, drift };
  },
  create: put,
  update: (s, _prior, context) => put(s, context),
  delete: (prior, context) => context.clients.schedules.remove(nameOf(prior.spec, context)),
});

async function put(s: Spec, context: Context<Clients>): Promise<{ name: string }> {
  const name = nameOf(s, context);
  const { schedules } = context.clients;
  const wanted = requestOf(s, context);
  const found = await schedules.get(name);
  if (found?.note !== wanted.note || found.paused !== wanted.paused) await schedules.put(name, wanted);
  return { name };
}

const nameOf = (s: Spec, { owner }: Context<Clients>): string =>
  `backup/${owner.entity.id}/${s.nodeName}/${encodeURIComponent(s.scheduleId)}`;

function requestOf(s: Spec, { owner }: Context<Clients>): ScheduleRequest {
  const { nodeName, scheduleId, type, cron, paused } = s;
  const databaseId = owner.entity.id;
  const run = { databaseId, nodeName, scheduleId };
  const call: ScheduledWorkflow =
    type === 'verify'
      ? { type: 'scheduledVerification', input: run }
      : { type: 'scheduledBackup', input: { ...run, type } };
  const what = type === 'verify' ? 'verification of the newest backups' : `${type} backup`;
  return {
    cron,
    paused,
    note: `${what} of node ${nodeName} of database ${databaseId} at ${cron} (UTC)`,
    databaseId,
    taskType: type === 'verify' ? 'verify_backup' : 'node_backup',
    workflow: { id: `database/${databaseId}/schedules/${nodeName}/${encodeURIComponent(scheduleId)}`, ...call },
  };
}
