import type { Unreadable } from '@windlass/resources/store';
import type { Logger } from 'pino';

/** Says in the log which record cannot be read and why; the others are seen to. */
export const unreadableTo =
  (log: Pick<Logger, 'warn'>): Unreadable =>
  (err, key) =>
    log.warn({ key, err }, 'a stored record cannot be read; it is left out');
