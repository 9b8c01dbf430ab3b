export type { components, operations, paths } from './api.gen.ts';
export { createClient, type ClientOptions, type RequestOptions, type WindlassClient } from './client.ts';
export { isObject, objectsOf, textOf, type JsonObject } from './json.ts';
export { kindsOf, pathOf, type Kind, type Operation } from './kinds.ts';
export { hasEnded, isTask, operationOf, pathFor, readTask, readTaskLog, waitForTask } from './wait-for-task.ts';
export type { Task, TaskLog, TaskLogEntry, TaskRef, WaitOptions } from './wait-for-task.ts';
export { readEvents, type WindlassEvent } from './events.ts';
export { UnreachableError, WaitTimeoutError, WindlassError, type Problem } from './windlass-error.ts';
