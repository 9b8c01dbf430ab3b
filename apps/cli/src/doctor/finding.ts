/** One thing that was looked at. `skip`: it could not be looked at from here. */
export interface Finding {
  /** What it is about: `etcd`, `host host-1: disk`. */
  readonly what: string;
  readonly state: 'ok' | 'warn' | 'fail' | 'skip';
  readonly says: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const ok = (what: string, says: string): Finding => ({ what, state: 'ok', says });
export const warn = (what: string, says: string, fix: string): Finding => ({ what, state: 'warn', says, fix });
export const fail = (what: string, says: string, fix: string): Finding => ({ what, state: 'fail', says, fix });

/** The words of whatever was thrown. */
export const reasonOf = (err: unknown): string => {
  const message = typeof err === 'object' && err !== null && 'message' in err ? err.message : err;
  return typeof message === 'string' && message !== '' ? message : 'no reason is known';
};
