import type { Log } from '../watcher/log.ts';

export const silentLog: Log = { info: () => undefined, warn: () => undefined };
