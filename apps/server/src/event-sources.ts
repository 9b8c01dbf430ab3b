import { taskEvents, type EventSource } from './core/plugins/event-source.ts';
import { instanceEvents, scheduleEvents } from './postgres/events.ts';

/** Everything whose changes `GET /v1/events` tells; a sort of records is one line here. */
export const EVENT_SOURCES: readonly EventSource[] = [taskEvents, instanceEvents, scheduleEvents];
