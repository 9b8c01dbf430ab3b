import { formatLsn } from '@windlass/data/source/postgres';

/** Numbers as they are written for people and other programs. */
export const readable = {
  lsn: formatLsn,
  /** ISO 8601 with all six digits, of microseconds since 1970. */
  time: (microseconds: number): string => {
    const below = String(microseconds % 1000).padStart(3, '0');
    return new Date(Math.floor(microseconds / 1000)).toISOString().replace('Z', `${below}Z`);
  },
};
