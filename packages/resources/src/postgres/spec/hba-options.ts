import { AuthLineError } from './hba.ts';
import type { HbaEntry } from './hba-line.ts';

/**
 * What Postgres takes as options of a rule, and for what: `parse_hba_auth_opt` and the end of `parse_hba_line` in
 * src/backend/libpq/hba.c of PostgreSQL 15 to 18. One rule that it refuses keeps the whole file from being loaded.
 */
const METHODS_OF: Readonly<Record<string, readonly string[]>> = {
  map: ['ident', 'peer', 'gss', 'cert', 'oauth'],
  pamservice: ['pam'],
  pam_use_hostname: ['pam'],
  ...of(
    'ldap',
    'ldapurl ldaptls ldapscheme ldapserver ldapport ldapbinddn ldapbindpasswd ldapsearchattribute ldapsearchfilter ldapbasedn ldapprefix ldapsuffix',
  ),
  ...of('gss', 'krb_realm include_realm'),
  ...of('radius', 'radiusservers radiusports radiussecrets radiusidentifiers'),
  ...of('oauth', 'issuer scope validator delegate_ident_mapping'),
};
const VALUES_OF: Readonly<Record<string, readonly string[]>> = {
  clientcert: ['verify-ca', 'verify-full'],
  clientname: ['CN', 'DN'],
  ldapscheme: ['ldap', 'ldaps'],
};
const REQUIRED_BY: Readonly<Record<string, readonly string[]>> = {
  radius: ['radiusservers', 'radiussecrets'],
  oauth: ['issuer', 'scope'],
};
const BIND_THEN_SEARCH = ['ldapbasedn', 'ldapbinddn', 'ldapbindpasswd', 'ldapsearchattribute', 'ldapsearchfilter'];

function of(method: string, names: string): Record<string, readonly string[]> {
  return Object.fromEntries(names.split(' ').map((name) => [name, [method]]));
}

const refuse = (reason: string): never => {
  throw new AuthLineError(reason);
};

/** Refuses options that Postgres would refuse. Throws `AuthLineError`. */
export function checkOptions({ type, method, options }: Pick<HbaEntry, 'type' | 'method' | 'options'>): void {
  for (const option of options) checkOption(type, method, option);
  const given = new Set(options.map(({ name }) => name));
  for (const name of REQUIRED_BY[method] ?? [])
    if (!given.has(name)) refuse(`auth method "${method}" requires the option "${name}"`);
  if (method === 'ldap') checkLdap(given);
  if (method === 'radius') checkRadius(options);
  if (given.has('map') && options.some((one) => one.name === 'delegate_ident_mapping' && one.value === '1'))
    refuse('options "map" and "delegate_ident_mapping" cannot be used together');
}

function checkOption(type: HbaEntry['type'], method: string, { name, value }: HbaEntry['options'][number]): void {
  if (name === 'clientcert' || name === 'clientname') {
    if (type !== 'hostssl') refuse(`option "${name}" can only be used in a hostssl entry`);
  } else {
    const methods = Object.hasOwn(METHODS_OF, name) ? (METHODS_OF[name] ?? []) : refuse(`unknown option "${name}"`);
    if (!methods.includes(method)) refuse(`option "${name}" cannot be used with the auth method "${method}"`);
  }
  const values = VALUES_OF[name];
  if (values && !values.includes(value)) refuse(`option "${name}" must be one of ${values.join(', ')}`);
  if (name === 'clientcert' && method === 'cert' && value !== 'verify-full')
    refuse('option "clientcert" must be verify-full with the auth method "cert"');
  if (name === 'ldapport' && !(/^\d{1,5}$/.test(value) && Number(value) > 0))
    refuse('option "ldapport" must be the number of a port');
}

function checkLdap(given: ReadonlySet<string>): void {
  const searches = BIND_THEN_SEARCH.filter((name) => given.has(name));
  if (given.has('ldapurl')) return; // it may hold any of them: only Postgres' own parser can tell
  if (given.has('ldapprefix') || given.has('ldapsuffix')) {
    if (searches.length > 0) refuse(`option "${searches[0] ?? ''}" cannot be used beside "ldapprefix" or "ldapsuffix"`);
  } else if (!given.has('ldapbasedn'))
    refuse('auth method "ldap" requires the option "ldapbasedn", "ldapprefix" or "ldapsuffix"');
  if (given.has('ldapsearchattribute') && given.has('ldapsearchfilter'))
    refuse('options "ldapsearchattribute" and "ldapsearchfilter" cannot be used together');
}

/** One port, secret or identifier for all servers, or one for each. */
function checkRadius(options: HbaEntry['options']): void {
  const items = (name: string): number => options.find((one) => one.name === name)?.value.split(',').length ?? 1;
  const servers = items('radiusservers');
  for (const name of ['radiussecrets', 'radiusports', 'radiusidentifiers'])
    if (items(name) !== 1 && items(name) !== servers)
      refuse(`option "${name}" must have one item, or one for each of the ${String(servers)} servers`);
}
