import { Identifier } from '@windlass/resources/api';
import { ROLES, type Role } from '@windlass/resources/platform/records';
import { z } from 'zod';

/** Who gives out logins beside this server, and what their claims mean here. */
export interface Issuer {
  /** As it calls itself, to the letter. */
  readonly url: string;
  /** One of them has to be among those a token is for. */
  readonly audiences: readonly string[];
  /** By how much the clocks of issuer and server may differ, in s. */
  readonly leewaySeconds: number;
  /** For how long its keys are good when it does not answer, in ms. */
  readonly keysMs: number;
  readonly roleClaim: string;
  /** What a value of that claim means; absent: it is the role itself. */
  readonly roles?: ReadonlyMap<string, Role> | undefined;
  /** Absent: its logins reach everything. */
  readonly tenantClaim?: string | undefined;
  /** What a value of that claim means: a tenant, or `*` for everything; absent: it is that itself. */
  readonly tenants?: ReadonlyMap<string, string> | undefined;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Keys that come by plain http are whoever's is on the way. */
export function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);
const isTenant = (text: string): text is string => text === '*' || Identifier.safeParse(text).success;

/** `<value of a claim>=<what it means>`, separated by commas. */
const meanings = <T extends string>(isMeaning: (text: string) => text is T, allowed: string) =>
  z
    .string()
    .transform((text, context) => {
      const pairs = text.split(',').map((pair) => pair.trim());
      const read = pairs.map((pair) => [pair.slice(0, pair.lastIndexOf('=')), pair.slice(pair.lastIndexOf('=') + 1)]);
      const found = new Map<string, T>();
      for (const [value = '', meaning = ''] of read)
        if (value !== '' && isMeaning(meaning)) found.set(value, meaning);
        else context.addIssue(`must be <value of the claim>=<${allowed}>, separated by commas`);
      return found;
    })
    .optional();

/** How a server knows an issuer. */
export const issuerSettings = {
  WINDLASS_OIDC_ISSUER: z.url().refine(isSafe, 'must be https; plain http is for an issuer on this machine').optional(),
  WINDLASS_OIDC_AUDIENCE: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .refine((all) => all.length > 0, 'must name whom its tokens are for')
    .optional(),
  WINDLASS_OIDC_ROLE_CLAIM: z.string().default('roles'),
  WINDLASS_OIDC_ROLES: meanings(isRole, ROLES.join('|')),
  WINDLASS_OIDC_TENANT_CLAIM: z.string().optional(),
  WINDLASS_OIDC_TENANTS: meanings(isTenant, 'tenant, or * for everything'),
  WINDLASS_OIDC_LEEWAY_SECONDS: z.coerce.number().int().min(0).max(300).default(30),
  WINDLASS_OIDC_KEYS_MINUTES: z.coerce.number().int().min(1).max(1440).default(60),
};

type Settings = z.output<z.ZodObject<typeof issuerSettings>>;
type Given = Readonly<Record<string, string | undefined>>;

/** One line per setting that another one makes no sense without. */
export function missingOfIssuer(given: Given): string[] {
  const all = Object.keys(issuerSettings).filter((name) => given[name] !== undefined);
  const needs = (name: string, wanted: string): string[] =>
    given[name] === undefined || given[wanted] !== undefined ? [] : [`  ${wanted}: is required when ${name} is given`];
  if (all.length === 0) return [];
  const [first = ''] = all;
  return [
    ...needs(first, 'WINDLASS_OIDC_ISSUER'),
    ...needs('WINDLASS_OIDC_ISSUER', 'WINDLASS_OIDC_AUDIENCE'),
    ...needs('WINDLASS_OIDC_TENANTS', 'WINDLASS_OIDC_TENANT_CLAIM'),
  ];
}

/** Undefined where there is none. */
export function issuerOf(config: Settings): Issuer | undefined {
  const { WINDLASS_OIDC_ISSUER: url, WINDLASS_OIDC_AUDIENCE: audiences = [] } = config;
  if (url === undefined) return undefined;
  return {
    url,
    audiences,
    leewaySeconds: config.WINDLASS_OIDC_LEEWAY_SECONDS,
    keysMs: config.WINDLASS_OIDC_KEYS_MINUTES * 60_000,
    roleClaim: config.WINDLASS_OIDC_ROLE_CLAIM,
    roles: config.WINDLASS_OIDC_ROLES,
    tenantClaim: config.WINDLASS_OIDC_TENANT_CLAIM,
    tenants: config.WINDLASS_OIDC_TENANTS,
  };
}
