// Where the time of one create went, from the history that Temporal kept of it.
import { createRequire } from 'node:module';
import { remoteCodec } from '../packages/workflows/scripts/remote-codec.mjs';
import { API, TEMPORAL } from './stack.mjs';

const { Connection, Client } = createRequire(new URL('../apps/server/package.json', import.meta.url))(
  '@temporalio/client',
);
const ms = (time) => Number(time.seconds) * 1000 + (time.nanos ?? 0) / 1e6;

/** A table: when each activity was asked for, how long it waited for a worker, and how long it took. */
export async function traceOf(id, begunAt, firstInsertMs) {
  const connection = await Connection.connect({ address: TEMPORAL });
  try {
    const history = await new Client({ connection }).workflow.getHandle(`database/${id}`).fetchHistory();
    const events = history.events ?? [];
    const rows = activities(events, await summariesOf(events)).map(({ name, scheduled, started, completed }) => ({
      at: scheduled - begunAt,
      wait: started - scheduled,
      took: completed - started,
      name,
    }));
    const first = { at: 0, wait: 0, took: ms(events[0].eventTime) - begunAt, name: 'accept: validate, store, start' };
    const last = { at: firstInsertMs, wait: 0, took: 0, name: '**first INSERT of the declared user committed**' };
    const all = [first, ...rows, last].sort((a, b) => a.at - b.at);
    const f = (x) => String(Math.round(x));
    const lines = all.map(({ at, wait, took, name }) => `| ${f(at)} | ${f(wait)} | ${f(took)} | ${name} |`);
    const waited = rows.map((row) => row.wait).sort((a, b) => a - b);
    const median = waited[waited.length >> 1] ?? 0;
    return [
      '| at ms | waited ms | took ms | what |\n| --- | --- | --- | --- |',
      ...lines,
      `\n${rows.length} activities; half of them waited less than ${f(median)} ms for a worker.`,
    ].join('\n');
  } finally {
    await connection.close();
  }
}

function activities(events, summaries) {
  const byId = new Map();
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    const started = event.activityTaskStartedEventAttributes;
    const completed = event.activityTaskCompletedEventAttributes;
    if (scheduled)
      byId.set(String(event.eventId), {
        name: summaries.get(String(event.eventId)) ?? scheduled.activityType.name,
        scheduled: ms(event.eventTime),
      });
    if (started) byId.get(String(started.scheduledEventId)).started = ms(event.eventTime);
    if (completed) byId.get(String(completed.scheduledEventId)).completed = ms(event.eventTime);
  }
  return [...byId.values()].filter((activity) => activity.completed !== undefined);
}

/** By the ids of events. They are encrypted: the API decodes them. */
async function summariesOf(events) {
  const kept = events.filter((event) => event.userMetadata?.summary);
  const decoded = await remoteCodec(API).decode(kept.map(({ userMetadata }) => userMetadata.summary));
  return new Map(kept.map(({ eventId }, i) => [String(eventId), JSON.parse(decoded[i].data.toString())]));
}
