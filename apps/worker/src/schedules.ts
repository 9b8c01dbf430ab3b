import { Client, ScheduleNotFoundError, ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  type PayloadCodec,
} from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { CONTROL_QUEUE } from '@windlass/activities';
import type { ScheduleRequest, SchedulesPort } from '@windlass/resources/postgres/clients';
import { DomainError, refusalOf } from '@windlass/resources/errors';

/** A run that is this late is not made up for. */
const CATCHUP_WINDOW = '1 hour';

/** Schedules of Temporal. Safe to use before the connection is open: every call waits for it. */
export function createSchedules(
  connection: Promise<NativeConnection>,
  namespace: string,
  codec: PayloadCodec,
): SchedulesPort {
  const dataConverter = { payloadCodecs: [codec] };
  const client = connection.then((open) => new Client({ connection: open, namespace, dataConverter }).schedule);
  client.catch(() => undefined); // whoever opens the connection says so
  const reach = async <T>(work: (schedules: Client['schedule']) => Promise<T>): Promise<T | undefined> => {
    try {
      return await work(await client);
    } catch (err) {
      if (err instanceof ScheduleNotFoundError) return undefined;
      const refusal = refusalOf(err);
      if (refusal !== undefined)
        throw new DomainError('temporal_refused', `Temporal refuses a schedule: ${refusal}`, { cause: err });
      throw new DomainError('temporal_unavailable', 'Temporal does not answer about its schedules', { cause: err });
    }
  };
  return {
    get: (name) =>
      reach(async (schedules) => {
        const { state } = await schedules.getHandle(name).describe();
        return { note: state.note ?? '', paused: state.paused };
      }),
    put: async (name, request) => {
      await reach((schedules) => schedules.getHandle(name).delete());
      await reach((schedules) => schedules.create(optionsOf(name, request)));
    },
    remove: (name) => reach((schedules) => schedules.getHandle(name).delete()),
  };
}

function optionsOf(
  name: string,
  { cron, paused, note, databaseId, taskType, workflow }: ScheduleRequest,
): ScheduleOptions {
  const attribute = (key: string, value: string) =>
    ({ key: defineSearchAttributeKey(key, SearchAttributeType.KEYWORD), value }) as const;
  return {
    scheduleId: name,
    spec: { cronExpressions: [cron], timezone: 'UTC' },
    action: {
      type: 'startWorkflow',
      workflowType: workflow.type,
      workflowId: workflow.id,
      taskQueue: CONTROL_QUEUE,
      args: [workflow.input],
      staticSummary: note,
      typedSearchAttributes: new TypedSearchAttributes([
        attribute('WindlassDatabaseId', databaseId),
        attribute('WindlassTaskType', taskType),
      ]),
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW },
    state: { paused, note },
  };
}
