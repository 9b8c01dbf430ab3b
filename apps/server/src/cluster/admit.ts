import { randomBytes } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { Identifier, ID_TEXT } from '@windlass/resources/api';
import {
  SWARM_SECRET,
  SwarmEntrance,
  type ClusterJoinOptions,
  type ClusterJoinRequest,
} from '@windlass/resources/platform/api';
import { hostRecords, memberRecords, type MemberRecord } from '@windlass/resources/platform/records';
import type { KeyRing } from '@windlass/resources/store';
import { hostRights } from '@windlass/resources/platform/trust';
import type { ServerDeps } from '../core/deps.ts';
import { openJson, readSecret } from '../core/secrets.ts';
import { rightsOf } from './renew-rights.ts';
import { findJoinToken } from './join-tokens.ts';

const CERTIFICATE_DAYS = 825;

/** Lets somebody with a good token in: an account in etcd, certificates, and where everything is. The token is spent. */
export async function admit(deps: ServerDeps, request: ClusterJoinRequest): Promise<ClusterJoinOptions> {
  const token = await findJoinToken(deps, request.token);
  await refuseKnown(deps, request.host_id);
  const role = request.role ?? 'host';
  const before = await memberRecords.get(deps.kv, role, request.host_id);
  const member: MemberRecord = {
    id: request.host_id,
    role,
    // A new name each time: certificates of an earlier life stay worthless.
    account: `${role}-${request.host_id}-${randomBytes(4).toString('hex')}`,
    addresses: request.addresses,
    joinedAt: deps.now().toISOString(),
    ...(role === 'host' && { rights: rightsOf(request.host_id) }),
  };
  const options = await outfit(deps, member).catch(async (err: unknown) => {
    await deps.membership.accounts.remove(member.account);
    throw err;
  });
  const done = await deps.kv.commit(
    [token, { key: memberRecords.key(role, request.host_id), revision: before?.revision ?? 0 }],
    [memberRecords.put(member, role, request.host_id), ...(token.reusable ? [] : [{ remove: token.key }])],
  );
  if (done === false) {
    await deps.membership.accounts.remove(member.account);
    throw new DomainError('invalid_join_token');
  }
  if (before) await deps.membership.accounts.remove(before.value.account);
  return options;
}

/** One that joined but never reported may try again; a host that is there may not be taken over. */
async function refuseKnown({ kv }: ServerDeps, id: string): Promise<void> {
  if (!Identifier.safeParse(id).success) throw new DomainError('invalid_input', `host_id: ${ID_TEXT}`);
  if (await hostRecords.get(kv, id))
    throw new DomainError('invalid_input', `a host with ID ${id} already exists in the cluster`);
}

async function outfit(deps: ServerDeps, member: MemberRecord): Promise<ClusterJoinOptions> {
  const { accounts, issue, masterKeys, caKeyPem, etcdEndpoints, temporal } = deps.membership;
  const trusted = member.role !== 'host';
  const password = randomBytes(24).toString('base64url');
  await accounts.create(member.account, password, trusted ? 'everything' : hostRights(member.id));
  const [leader, client, server, swarm] = await Promise.all([
    accounts.leader(),
    issue({ commonName: member.account, names: [], days: CERTIFICATE_DAYS }),
    issue({ commonName: '', names: ['localhost', '127.0.0.1', ...member.addresses], days: CERTIFICATE_DAYS }),
    swarmEntrance(deps),
  ]);
  return {
    leader: { name: leader.name, peer_urls: [...leader.peerUrls], client_urls: [...leader.clientUrls] },
    credentials: {
      username: member.account,
      password,
      ca_cert: base64(deps.caPem),
      client_cert: base64(client.certPem),
      client_key: base64(client.keyPem),
      server_cert: base64(server.certPem),
      server_key: base64(server.keyPem),
    },
    windlass: {
      etcd_endpoints: [...etcdEndpoints],
      temporal,
      ...(swarm && { swarm }),
      ...(trusted && { master_key: textOf(masterKeys), ca_key: base64(caKeyPem) }),
      server_urls: [...deps.serverUrls],
    },
  };
}

async function swarmEntrance(deps: ServerDeps): Promise<SwarmEntrance | undefined> {
  const text = await readSecret(deps, SWARM_SECRET);
  return text === undefined ? undefined : openJson(SWARM_SECRET, text, SwarmEntrance);
}

const textOf = ({ keys }: KeyRing): string => keys.map(({ bytes }) => bytes.toString('hex')).join('\n');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
