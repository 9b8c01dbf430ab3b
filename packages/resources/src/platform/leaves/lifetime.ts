import { X509Certificate } from 'node:crypto';
import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHORTEST_MS = 30_000;
const LONGEST_MS = 825 * 86_400_000;

/** In ms. Unless told, 90 days for what is an instance's, 825 for what is a process's of the control plane. */
const lifetime = z
  .string()
  .regex(/^\d{1,8}[smhd]$/, 'is a number and a unit, such as 60s, 12h or 90d')
  .transform((text) => Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0))
  .refine((ms) => ms >= SHORTEST_MS && ms <= LONGEST_MS, 'is between 30s and 825d')
  .optional();

/** For how long the certificates that this process signs are good at most. */
export const lifetimeSettings = { WINDLASS_CERTIFICATE_LIFETIME: lifetime };

/** Certificates of ours begin this much before they are made: clocks differ. */
export const BACKDATED_MS = 3_600_000;

export interface LeafTimes {
  readonly ends: Date;
  /** For how long it was made. */
  readonly lifetimeMs: number;
}

/** `undefined` of what is no certificate. */
export function leafTimes(certPem: string | undefined): LeafTimes | undefined {
  try {
    if (certPem === undefined) return undefined;
    const { validFrom, validTo } = new X509Certificate(certPem);
    const whole = Date.parse(validTo) - Date.parse(validFrom);
    return { ends: new Date(validTo), lifetimeMs: whole > BACKDATED_MS ? whole - BACKDATED_MS : whole };
  } catch {
    return undefined;
  }
}

/**
 * Whether it is to be renewed: five twelfths of its time are left. Who looks every twelfth has renewed it when a third is left, and has
 * the chance to try four times more.
 */
export const isDue = ({ ends, lifetimeMs }: LeafTimes, now = Date.now()): boolean =>
  ends.getTime() - now < (lifetimeMs * 5) / 12;

export const hasEnded = ({ ends }: LeafTimes, now = Date.now()): boolean => ends.getTime() <= now;

const RAREST_LOOK_MS = 600_000;

/** After how many ms to look again: a twelfth of the shortest time, ten minutes at most. */
export function lookAgainMs(leaves: readonly (LeafTimes | undefined)[]): number {
  const shortest = Math.min(...leaves.map((one) => one?.lifetimeMs ?? Infinity));
  return Math.max(1000, Math.min(shortest / 12, RAREST_LOOK_MS));
}

/** `the certificate of host-1 for etcd ended at 2026-01-01T00:00:00.000Z` */
export const endedSentence = (whose: string, ends: Date): string =>
  `the certificate of ${whose} ended at ${ends.toISOString()}`;
