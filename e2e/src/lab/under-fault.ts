import { setTimeout as sleep } from 'node:timers/promises';
import { dsnOf, untilHealthy, type Member } from './cluster.ts';
import { lab } from './lab.ts';
import { reachability } from './reachability.ts';
import { Sampler } from './sampler.ts';
import { StatusWatch } from './status-watch.ts';
import { startWriter, type WriterReport } from '../writer.ts';

/** So much normal operation belongs to every observation, before the fault and after the recovery. */
const CALM_MS = 1000;
const WRITES_WITHIN_MS = 30_000;

export interface Observation {
  readonly writer: WriterReport;
  /** Longest outage a writer saw. Milliseconds. */
  readonly outageMs: number;
  /** Two primaries at one time, in words. */
  readonly violations: readonly string[];
  /** Longest time for which the API said `available` while no write was acknowledged. Milliseconds. */
  readonly statusLagMs: number;
  readonly probes: number;
  readonly members: readonly Member[];
  /** From the end of the fault to one primary, all others streaming, and the writer at work. Milliseconds. */
  readonly recoveredMs: number;
}

/** Does something bad and ends when it had its effect and is undone. */
export type Fault = (primary: Member, sampler: Sampler) => Promise<unknown>;

/** Lets a writer write, a sampler probe every member and a watch ask for the state while `fault` happens. */
export async function underFault(id: string, fault: Fault): Promise<Observation> {
  const before = await untilHealthy(id);
  const primary = before.find((m) => m.role === 'primary') as Member;
  const writer = startWriter(await dsnOf(id));
  const sampler = new Sampler(id, before);
  const status = new StatusWatch(id, sampler);
  try {
    await writer.writes(WRITES_WITHIN_MS);
    await sleep(CALM_MS);
    await fault(primary, sampler);
    const healedAt = Date.now();
    const members = await untilHealthy(id, { since: healedAt });
    await writer.writes(WRITES_WITHIN_MS);
    const recoveredMs = Date.now() - healedAt;
    await sleep(CALM_MS);
    const report = await writer.finish();
    await Promise.all([status.stop(), sampler.stop()]);
    const outageMs = Math.max(0, ...report.outages.map((o) => o.ms));
    const { violations, probes } = sampler;
    return { writer: report, outageMs, violations, statusLagMs: status.lagMs, probes, members, recoveredMs };
  } catch (err) {
    process.stderr.write(`${await reachability(id)}\n`);
    await lab('heal', 'all');
    throw err;
  } finally {
    await Promise.all([status.stop(), sampler.stop()]);
    await writer.finish().catch(() => undefined);
  }
}
