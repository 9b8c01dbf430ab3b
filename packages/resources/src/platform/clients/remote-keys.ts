import { DomainError } from '../../errors/index.ts';
import { dataKeyRecords, type KeyOwner, type KeySource, type Kv } from '../../store/index.ts';
import { DataKeyAnswer } from '../api/api-join.ts';
import { askServers, type Servers } from './ask-servers.ts';

/** Data keys on a host that has no master key: a server gives those of entities that have something on this host. */
export function createRemoteKeys(kv: Pick<Kv, 'get'>, servers: Servers): KeySource {
  const ask = async ({ kind, id }: KeyOwner, keyId?: string): Promise<DataKeyAnswer> => {
    const request = { kind, id, ...(keyId !== undefined && { key_id: keyId }) };
    return DataKeyAnswer.parse(await askServers(servers, '/v1/internal/data-keys', request, 'gives data keys'));
  };
  return {
    open: async (owner, id) => Buffer.from((await ask(owner, id)).key, 'base64'),
    make: async (owner) => {
      const { key_id: id, key } = await ask(owner);
      const found = await dataKeyRecords.get(kv, owner.kind, owner.id);
      if (found?.value.id !== id)
        throw new DomainError('resource_contended', `${owner.kind}/${owner.id} got another key at the same time`);
      const expected = { key: dataKeyRecords.key(owner.kind, owner.id), revision: found.revision };
      return { key: { id, bytes: Buffer.from(key, 'base64') }, claim: { expect: [expected], writes: [] } };
    },
    openFirst: () =>
      Promise.reject(new DomainError('server_error', 'it is of an earlier release, and no server has sealed it anew')),
  };
}
