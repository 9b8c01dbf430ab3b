import { z } from 'zod';
import type { ServiceRequest } from '../clients/ports.ts';

const MIB = 1024 * 1024;

/** What a container may not do. */
export const hardeningSpec = z.strictObject({
  /** Nothing can be written to but its volumes and what is in memory. */
  readOnlyRoot: z.boolean(),
  /** No process has a capability, or gains one, or another user, by a program. */
  noNewPrivileges: z.boolean(),
  /** Most processes and threads. */
  pidsLimit: z.int(),
});
export type Hardening = z.output<typeof hardeningSpec>;

/** The part of a request that brings it about. `start` is what the image would start by itself. */
export function hardened(
  hardening: Hardening | undefined,
  start: readonly string[],
): Pick<ServiceRequest, 'command' | 'readOnly' | 'tmpfs' | 'dropCapabilities' | 'pidsLimit'> {
  if (!hardening) return {};
  const { readOnlyRoot, noNewPrivileges, pidsLimit } = hardening;
  return {
    // Swarm has no word for it before API 1.44.
    ...(noNewPrivileges && { dropCapabilities: true, command: ['/usr/bin/setpriv', '--no-new-privs', ...start] }),
    ...(readOnlyRoot && { readOnly: true, tmpfs: WRITABLE }),
    pidsLimit,
  };
}

/** Postgres has its socket there, programs their files of a moment. It counts as memory of the container. */
const WRITABLE = [{ target: '/tmp', bytes: 256 * MIB }];
