export type { Log } from './log.ts';
export { unreadableTo } from './unreadable-to.ts';
export type { Watcher } from './watcher.ts';
