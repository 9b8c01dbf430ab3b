/** Microseconds. */
export interface ClockLimits {
  readonly alarmAbove: number;
  readonly refuseAbove: number;
}

export const CLOCK_LIMITS: ClockLimits = { alarmAbove: 500_000, refuseAbove: 10_000_000 };

export interface ClockWait {
  /** How long the transaction waits before it may be applied. */
  readonly wait: number;
  /** The clocks are too far apart to go on without a word. */
  readonly alarm: boolean;
  /** So far that it is not waited for: the stream stops until somebody sets a clock. */
  readonly refuse: boolean;
}

/**
 * A transaction is applied when the clock of this node is past its commit time, so that whatever is written here after it
 * has a newer version. Equal is not past: a tie is decided by node.
 */
export function clockWait(commitTime: number, now: number, limits: ClockLimits = CLOCK_LIMITS): ClockWait {
  const ahead = commitTime - now;
  return { wait: Math.max(0, ahead + 1), alarm: ahead > limits.alarmAbove, refuse: ahead > limits.refuseAbove };
}

/**
 * A new primary, and a new node, opens for writes when its clock is past the newest commit time it holds: it may be on
 * another host, whose clock is behind.
 */
export function mayOpen(newestHeld: number, now: number): boolean {
  return now > newestHeld;
}
