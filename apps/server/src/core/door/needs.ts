import { ROLES, type MemberRecord, type Role } from '@windlass/resources/platform/records';

/**
 * Who may call a route. `open`: anybody who can reach it. `member`: whoever belongs to the cluster or has a login, a host, too.
 * `viewer`, `operator`, `admin`: a login with this role or more; `viewer` reads, `operator` operates what is declared, `admin` declares,
 * and lets others in.
 */
export type Needs = 'open' | 'member' | Role;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent means `admin`. */
    readonly needs?: Needs;
  }
}

/** Each meets what the ones before it meet. */
const LEVELS: readonly Needs[] = ['open', 'member', ...ROLES];

export const meets = (met: Needs, needed: Needs): boolean => LEVELS.indexOf(met) >= LEVELS.indexOf(needed);

/** What the certificate of a member meets: a host's only what hosts need. */
export const metByMember = ({ role }: Pick<MemberRecord, 'role'>): Needs => (role === 'host' ? 'member' : 'admin');
