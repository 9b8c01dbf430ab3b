import { randomBytes, randomUUID } from 'node:crypto';
import { databaseEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import type { LoginAccess, OpenedLogin } from '@windlass/resources/postgres/operations';
import { openedLogin } from '@windlass/resources/postgres/records';
import {
  LOGIN_SECONDS,
  PERSON_PREFIX,
  type OpenLoginRequest,
  type OpenLoginResponse,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { lookAttributes } from './look-attributes.ts';
import { reachedOf } from './node-connections.ts';
import { readDatabase } from './read-database.ts';
import { readInstances } from './view.ts';

/** How long a primary may take to answer. */
const LIMIT_MS = 15_000;

export interface LoginRequest extends OpenLoginRequest {
  readonly id: string;
  /** Whoever asks may have anything. */
  readonly isAdmin: boolean;
}

/** A login of a person on a node of a database, made by its primary now. Who may have which is decided here. */
export async function openLogin(deps: ServerDeps, request: LoginRequest): Promise<OpenLoginResponse> {
  const { id, seconds = LOGIN_SECONDS.default } = request;
  const { stored } = await readDatabase(deps, id);
  const access = accessOf(stored.spec, request);
  const node = nodeOf(stored.spec, request.node);
  const addresses = reachedOf(node, await readInstances(deps.kv, id));
  if (addresses.length === 0)
    throw new DomainError('operation_refused', `node '${node}' has no published port: nobody reaches it from outside`);
  const name = `${PERSON_PREFIX}${randomBytes(6).toString('hex')}`;
  const login = await ask(deps, id, node, { ...access, name, seconds });
  const { actsAs: acts_as, until: expires_at } = login;
  const told = { role: login.name, acts_as, node, until: expires_at };
  deps.noteChange?.(undefined, { login: told }, databaseEntity(id));
  return {
    login: { username: login.name, acts_as, node_name: node, database_name: stored.spec.database_name, expires_at },
    password: login.password,
    addresses,
    ca: deps.caPem,
  };
}

async function ask(
  { temporal, box }: ServerDeps,
  databaseId: string,
  nodeName: string,
  wish: LoginAccess & { readonly name: string; readonly seconds: number },
): Promise<OpenedLogin> {
  const { sealed } = await temporal.execute(
    {
      ...{ type: 'openLogin', id: `login/${databaseId}/${nodeName}/${randomUUID()}` },
      input: { databaseId, nodeName, wish },
      summary: `make a login on node ${nodeName} of database ${databaseId}`,
      attributes: lookAttributes(databaseId, 'open_login'),
    },
    LIMIT_MS,
  );
  const text = await box.open(`database/${databaseId}/login/${wish.name}`, sealed);
  return openedLogin.parse(JSON.parse(text));
}

function accessOf({ database_users: users = [] }: StoredSpec['spec'], request: LoginRequest): LoginAccess {
  const { access = 'user', user } = request;
  if (access !== 'user' && user !== undefined)
    throw new DomainError('invalid_input', `user: goes with access 'user' only`);
  if (access === 'superuser' && !request.isAdmin)
    throw new DomainError('not_permitted', `a superuser's login is for admins: ask for access 'user' or 'read'`);
  if (access !== 'user') return { access };
  const names = users.map(({ username }) => username);
  const found = user ?? users.find(({ db_owner }) => db_owner === true)?.username;
  if (found === undefined)
    throw new DomainError('invalid_input', `user: the database has no owner among its users; name one of ${names.join(', ') || 'them (there are none)'}, or ask for access 'read'`); // prettier-ignore
  if (names.includes(found)) return { access, user: found };
  throw new DomainError('invalid_input', `user: '${found}' is no user of the database: it has ${names.join(', ')}`);
}

function nodeOf({ nodes }: StoredSpec['spec'], wanted: string | undefined): string {
  const names = nodes.map(({ name }) => name).sort();
  if (wanted !== undefined && !names.includes(wanted))
    throw new DomainError('invalid_input', `node: '${wanted}' is no node of the database: it has ${names.join(', ')}`);
  return wanted ?? nodes[0]?.name ?? '';
}
