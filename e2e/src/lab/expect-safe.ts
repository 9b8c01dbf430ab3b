import type { Observation } from './under-fault.ts';

/** Where death is proven the lock is taken away at once; the rest is the machine, which other work may keep busy. */
export const PROVEN_MS = 10_000;
/** A silent primary keeps its lock until its lease of 20 s ends. */
export const LEASE_MS = 35_000;
/** A sample is taken every 2.5 s and may take 1.5 s; that of a host that says nothing is disbelieved after 10 s. */
const STATUS_LAG_MS = 11_000;

/** What holds under every fault: one primary at a time, nothing acknowledged is lost, the state is no lie. Says what was measured. */
export function expectSafe(what: string, seen: Observation, limits: { outageMs: number; recoveredMs?: number }): void {
  const { writer, outageMs, recoveredMs, statusLagMs, probes } = seen;
  process.stderr.write(
    `${what}: longest outage ${ms(outageMs)}, healthy ${ms(recoveredMs)} after the fault, said available for ` +
      `${ms(statusLagMs)} too long, ${String(writer.acknowledged)} acknowledged, ${String(writer.lost)} lost, ${String(probes)} probes\n`,
  );
  expect(seen.violations).toEqual([]);
  expect(writer).toMatchObject({ lost: 0, missing: [] });
  expect(writer.acknowledged).toBeGreaterThan(100);
  expect(probes).toBeGreaterThan(50);
  expect(outageMs).toBeLessThan(limits.outageMs);
  expect(recoveredMs).toBeLessThan(limits.recoveredMs ?? 60_000);
  expect(statusLagMs).toBeLessThan(STATUS_LAG_MS);
}

const ms = (time: number): string => `${time.toFixed(0)} ms`;
