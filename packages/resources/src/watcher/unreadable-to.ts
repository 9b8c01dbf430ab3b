import type { Unreadable } from '../store/index.ts';
import type { Log } from './log.ts';

/** Says in the log which record cannot be read and why; the others are seen to. */
export const unreadableTo =
  (log: Pick<Log, 'warn'>): Unreadable =>
  (err, { key }) =>
    log.warn({ key, err }, 'a stored record cannot be read; it is left out');
