import type { MemberRecord } from '@windlass/resources/platform/records';

/**
 * Who may call a route at the TLS address. `open`: anybody who can reach it. `member`: whoever shows the certificate of a
 * host, a server or an operator. `control`: an operator or a server, because it reads or changes what is declared, or
 * lets others in. On loopback, in plain http, everybody may call everything.
 */
export type Needs = 'open' | 'member' | 'control';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent means `control`. */
    readonly needs?: Needs;
  }
}

/** What the certificate of a member meets: a host's only what hosts need. */
export const needsMetBy = ({ role }: Pick<MemberRecord, 'role'>): Needs => (role === 'host' ? 'member' : 'control');
