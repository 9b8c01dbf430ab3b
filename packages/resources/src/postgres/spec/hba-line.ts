import { isIP } from 'node:net';
import { AuthLineError, checkNames, single, tokenizeAuthLine, type AuthField } from './hba.ts';
import { checkOptions } from './hba-options.ts';

const HOST_TYPES = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const;
const INCLUDES = ['include', 'include_if_exists', 'include_dir'];
const METHODS = [
  'trust',
  'reject',
  'md5',
  'password',
  'scram-sha-256',
  'gss',
  'ident',
  'peer',
  'pam',
  'ldap',
  'radius',
  'cert',
  'oauth',
];
const NETWORK_NAME = /^\.?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,252})$/;
const WORDS = ['all', 'samehost', 'samenet'];

/** One rule of pg_hba.conf. Lists hold the items as written; `address` is absent for `local`. */
export interface HbaEntry {
  readonly type: 'local' | (typeof HOST_TYPES)[number];
  readonly databases: AuthField;
  readonly users: AuthField;
  readonly address?: string;
  readonly mask?: string;
  readonly method: string;
  readonly options: readonly { readonly name: string; readonly value: string }[];
}

/** `include` lines are valid and not carried out: `unsupportedFields` refuses them. */
function checkInclude(fields: readonly AuthField[]): boolean {
  const word = fields[0]?.[0]?.text ?? '';
  if (!INCLUDES.includes(word)) return false;
  if (fields.length !== 2 || fields[1]?.length !== 1)
    throw new AuthLineError(`${word} requires exactly one path argument`);
  return true;
}

/** True for a line that would read other files. */
export function isIncludeLine(line: string): boolean {
  return INCLUDES.includes(tokenizeAuthLine(line)[0]?.[0]?.text ?? '');
}

function checkPrefix(address: string): void {
  const [ip, bits, ...more] = address.split('/');
  const family = isIP(ip ?? '');
  const fits = /^\d{1,3}$/.test(bits ?? '') && Number(bits) <= (family === 4 ? 32 : 128);
  if (family === 0 || !fits || more.length > 0) throw new AuthLineError(`invalid address "${address}"`);
}

/** Returns whether a mask has to follow. */
function checkAddress(address: string, quoted: boolean): boolean {
  if (address.includes('/')) checkPrefix(address);
  else if (isIP(address) !== 0) return true;
  else if (!NETWORK_NAME.test(address) || (quoted && WORDS.includes(address)))
    throw new AuthLineError(`invalid address "${address}"`);
  return false;
}

function parseOptions(fields: readonly AuthField[]): HbaEntry['options'] {
  return fields.map((field) => {
    const { text } = single(field, 'an authentication option');
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new AuthLineError(`authentication option "${text}" is not of the form name=value`);
    return { name, value };
  });
}

function parseMethod(type: HbaEntry['type'], field: AuthField | undefined): string {
  const method = single(field, 'the auth method').text;
  const allowed =
    METHODS.includes(method) && !(method === 'peer' && type !== 'local') && !(method === 'gss' && type === 'local');
  if (!allowed || (method === 'cert' && type !== 'hostssl'))
    throw new AuthLineError(`auth method "${method}" cannot be used in a ${type} entry`);
  return method;
}

function parseLocal(fields: readonly AuthField[]): HbaEntry {
  const [, databases, users, method, ...options] = fields;
  if (!databases || !users || !method)
    throw new AuthLineError('local entry requires database, user, and an auth method');
  return { type: 'local', databases, users, method: parseMethod('local', method), options: parseOptions(options) };
}

function parseHost(type: HbaEntry['type'], fields: readonly AuthField[]): HbaEntry {
  const [, databases, users, where, ...rest] = fields;
  const short = (): never => {
    throw new AuthLineError(`${type} entry requires database, user, address, and an auth method`);
  };
  if (!databases || !users || !where || rest.length === 0) return short();
  const { text: address, quoted } = single(where, 'the address');
  if (!checkAddress(address, quoted))
    return {
      type,
      databases,
      users,
      address,
      method: parseMethod(type, rest[0]),
      options: parseOptions(rest.slice(1)),
    };
  const mask = single(rest[0], 'the mask').text;
  if (isIP(mask) !== isIP(address)) throw new AuthLineError(`invalid mask "${mask}" for address "${address}"`);
  if (rest.length < 2) return short();
  return {
    type,
    databases,
    users,
    address,
    mask,
    method: parseMethod(type, rest[1]),
    options: parseOptions(rest.slice(2)),
  };
}

/** One line of pg_hba.conf; undefined for a blank line, a comment or an include. Throws `AuthLineError`. */
export function parseHbaLine(line: string): HbaEntry | undefined {
  const fields = tokenizeAuthLine(line);
  if (fields.length === 0 || checkInclude(fields)) return undefined;
  const word = single(fields[0], 'the connection type').text;
  const type = HOST_TYPES.find((known) => known === word);
  if (word !== 'local' && type === undefined) throw new AuthLineError(`unknown connection type "${word}"`);
  const entry = type === undefined ? parseLocal(fields) : parseHost(type, fields);
  checkOptions(entry);
  checkNames(entry.databases, 'database');
  checkNames(entry.users, 'user');
  return entry;
}

/** One mapping of pg_ident.conf. */
export interface IdentEntry {
  readonly map: string;
  readonly systemUser: string;
  readonly role: string;
}

/** One line of pg_ident.conf; undefined for a blank line, a comment or an include. Throws `AuthLineError`. */
export function parseIdentLine(line: string): IdentEntry | undefined {
  const fields = tokenizeAuthLine(line);
  if (fields.length === 0 || checkInclude(fields)) return undefined;
  if (fields.length !== 3)
    throw new AuthLineError('pg_ident entry requires map-name, system-username, and postgres-username');
  const map = single(fields[0], 'the map name').text;
  if (/^windlass/i.test(map)) throw new AuthLineError(`map "${map}" is reserved for system use`);
  const role = single(fields[2], 'the postgres-username');
  checkNames([role], 'role');
  const system = single(fields[1], 'the system-username');
  checkNames([{ ...system, quoted: true }], 'system-username');
  return { map, systemUser: system.text, role: role.text };
}
