import { laterLsn, type Lsn } from '../source/postgres/index.ts';
import type { PeerReport } from './peer-report.ts';
import type { AppliedOfPeer } from './port.ts';
import type { PeerStatus } from './status.ts';
import type { Term } from './term.ts';

/** What is told of one peer; without a term nothing is open. */
export function statusOf(report: PeerReport, term: Term | undefined, nowMs = Date.now()): PeerStatus {
  const { number, name } = report.peer;
  const applied = term?.applier.appliedOf(number);
  const stream = term?.streams.get(number)?.state;
  const committedLsn = laterLsn(term?.applier.committed(number) ?? 0n, report.safeLsn);
  const waits = stream !== undefined && (stream.queuedBytes > 0 || committedLsn < stream.deliveredLsn);
  const { state, confirmedLsn, clockOffsetMs, connects, stoppedAt } = report;
  return {
    ...{ number, name, state, committedLsn, confirmedLsn, clockOffsetMs, connects, stoppedAt },
    waitsFor: report.waitsFor ?? applied?.waitsFor,
    lagBytes: bytesBehind(report.writtenLsn, laterLsn(committedLsn, confirmedLsn)),
    lagMs: stream && !waits ? 0 : msBehind(applied, (term?.clock?.aheadMs ?? 0) + (clockOffsetMs ?? 0) + nowMs),
    lastCommitTime: applied?.lastCommitTime,
    queuedBytes: stream?.queuedBytes ?? 0,
    applied: report.appliedBefore + (applied?.applied ?? 0),
  };
}

function bytesBehind(written: Lsn | undefined, here: Lsn): number | undefined {
  if (written === undefined) return undefined;
  return written > here ? Number(written - here) : 0;
}

/** `peerNow`: what time it is at the peer, in ms. */
function msBehind(applied: AppliedOfPeer | undefined, peerNow: number): number | undefined {
  if (applied?.lastCommitTime === undefined) return undefined;
  return Math.max(0, Math.round(peerNow - applied.lastCommitTime / 1000));
}
