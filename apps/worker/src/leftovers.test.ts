import type { Clients } from '@windlass/resources/postgres/clients';
import type { AnyResource } from '@windlass/resources/engine';
import { leftoverRecords, type Leftovers } from '@windlass/resources/postgres/records';
import { type ResourceRecord } from '@windlass/resources/records';
import { createMemoryKv } from '@windlass/resources/store';
import { aResource } from '@windlass/resources/testing';
import { pino } from 'pino';
import { LeftoverRemover } from './leftovers.ts';

const record = (id: string, more: Partial<ResourceRecord> = {}): ResourceRecord =>
  aResource('thing', id, { spec: { id }, status: {}, executor: { on: 'host', hostId: 'host-1' }, ...more });
const leftovers: Leftovers = {
  databaseId: 'shop',
  since: '',
  records: [
    record('base'),
    record('user', { dependsOn: [{ ref: { kind: 'thing', id: 'base' } }] }),
    record('inside', { within: { kind: 'thing', id: 'base' } }),
  ],
};

function open(fails: () => boolean = () => false) {
  const kv = createMemoryKv();
  const deleted: string[] = [];
  const kind = {
    delete: (prior: { spec: { id: string } }) => {
      if (fails()) return Promise.reject(new Error('busy'));
      deleted.push(prior.spec.id);
      return Promise.resolve();
    },
  } as unknown as AnyResource<Clients>;
  const clients = { host: { hostId: 'host-1' } } as Clients;
  const remover = new LeftoverRemover(
    { kv, clients, kind: () => kind, present: (_id, one) => one },
    pino({ level: 'silent' }),
  );
  return { kv, deleted, remover };
}

describe('leftovers of deleted databases', () => {
  it('are removed when the host comes back, dependants first, what lies within with its holder', async () => {
    const { kv, deleted, remover } = open();
    await kv.commit([], [leftoverRecords.put(leftovers, 'host-1', 'shop')]);
    await remover.start();
    await remover.settled();
    expect(deleted).toEqual(['user', 'base']);
    expect(await leftoverRecords.list(kv, ['host-1'])).toEqual([]);
    await remover.stop();
  });

  it('stay listed while they cannot be removed, and those of another host are left alone', async () => {
    const { kv, deleted, remover } = open(() => true);
    const writes = ['host-1', 'host-2'].map((host) => leftoverRecords.put(leftovers, host, 'shop'));
    await kv.commit([], writes);
    await remover.start();
    await remover.settled();
    expect(deleted).toEqual([]);
    expect(await leftoverRecords.list(kv, [])).toHaveLength(2);
    await remover.stop();
  });

  it('that cannot be read keep no others from being removed', async () => {
    const { kv, deleted, remover } = open();
    const bad = { put: leftoverRecords.key('host-1', 'bad'), value: {} };
    await kv.commit([], [bad, leftoverRecords.put(leftovers, 'host-1', 'shop')]);
    await remover.start();
    await remover.settled();
    expect(deleted).toEqual(['user', 'base']);
    expect((await kv.list(leftoverRecords.under())).map(({ key }) => key)).toEqual([bad.put]);
    await remover.stop();
  });
});
