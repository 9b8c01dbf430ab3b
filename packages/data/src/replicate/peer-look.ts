import { CLOCK_LIMITS } from '../converge/index.ts';
import { offsetMs, type ClockSample } from './clock-offset.ts';
import type { Conditions } from './conditions.ts';
import type { Link } from './link.ts';
import type { PeerReport } from './peer-report.ts';

/** Looks once how far a peer's log is written and what time it is there. Throws when it does not answer. */
export async function lookAt(link: Link, report: PeerReport, own: ClockSample | undefined, conditions: Conditions) {
  const { writtenLsn, clock } = await link.look();
  report.writtenLsn = writtenLsn;
  if (!own) return;
  report.clockOffsetMs = offsetMs(clock, own);
  judgeClock(report, report.clockOffsetMs, conditions);
}

function judgeClock({ peer }: PeerReport, offset: number, conditions: Conditions): void {
  if (Math.abs(offset) * 1000 <= CLOCK_LIMITS.alarmAbove) return conditions.clear(peer.number, 'clock_off');
  const where = offset > 0 ? 'ahead of' : 'behind';
  const said = `the clock of '${peer.name}' is ${String(Math.abs(Math.round(offset)))} ms ${where} that of this node`;
  conditions.set('clock_off', `${said}; set the clocks right`, peer.number);
}
