import type { Kv } from '../store/kv.ts';
import type { AuditChain } from './chain.ts';
import { auditLines, auditMarks } from './records.ts';
import type { AuditMark } from './shapes.ts';
import { GENESIS } from './seal.ts';

/** How much of the audit the store keeps. */
export interface AuditKept {
  readonly lines: number;
  readonly days: number;
}

export const AUDIT_KEPT: AuditKept = { lines: 100_000, days: 365 };

const DAY_MS = 86_400_000;
/** Lines that go in one transaction. */
const BATCH = 100;

interface Trimming {
  readonly kv: Pick<Kv, 'get' | 'list' | 'commit'>;
  readonly chain: Pick<AuditChain, 'append'>;
  readonly by: string;
  readonly now: () => Date;
}

/**
 * Forgets the oldest lines, and keeps where the chain goes on from: its number and hash. That lines went is a line of its own, which is
 * written first. Gives how many went; several servers may do so at once.
 */
export async function trimAudit({ kv, chain, by, now }: Trimming, kept: AuditKept): Promise<number> {
  const head = (await auditMarks.get(kv, 'head'))?.value ?? GENESIS;
  let gone = 0;
  for (;;) {
    const anchor = await auditMarks.get(kv, 'anchor');
    const oldest = now().getTime() - kept.days * DAY_MS;
    const rows = await auditLines.list(kv, [], { limit: BATCH });
    const isOld = ({ seq, at }: { seq: number; at: string }): boolean =>
      head.seq - seq >= kept.lines || Date.parse(at) < oldest;
    const until = rows.findIndex(({ value }) => !isOld(value) || value.seq >= head.seq);
    const old = until < 0 ? rows : rows.slice(0, until);
    const last = old.at(-1)?.value;
    if (!last) return gone;
    const mark: AuditMark = { seq: last.seq, hash: last.hash };
    if (gone === 0) await chain.append({ event: trimEvent(mark, by, now()) });
    const done = await kv.commit(
      [{ key: auditMarks.key('anchor'), revision: anchor?.revision ?? 0 }],
      [auditMarks.put(mark, 'anchor'), ...old.map(({ id }) => auditLines.remove(...id))],
    );
    if (done === false) return gone; // another server does
    gone += old.length;
  }
}

const trimEvent = ({ seq, hash }: AuditMark, by: string, now: Date) => ({
  id: `trim-${String(seq)}`,
  at: now.toISOString(),
  who: { kind: 'server' as const, id: by },
  operation: 'trim-audit',
  detail: `old lines are forgotten, at first up to ${String(seq)} (${hash})`,
});
