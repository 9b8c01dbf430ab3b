import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { hostNow, openFixture, shopSpec, type Fixture } from './fixture.ts';

/** Three hosts and no database. */
export async function openHosts(clock: () => Date): Promise<Fixture> {
  const f = await openFixture('', clock);
  await host(f, 'host-2');
  await host(f, 'host-3');
  return f;
}

export const host = (f: Fixture, id: string, more: Partial<HostRecord> = {}) =>
  f.kv.commit([], [{ put: hostRecords.key(id), value: hostNow({ id, ...more }) }]);
export const declare = async (f: Fixture, id: string, nodes: object[], more: object = {}) => {
  const answer = await f.call('POST', '/v1/databases', { id, spec: { ...shopSpec, nodes, ...more } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  await settle(f, id);
};
/** As if its task had ended well. */
export async function settle(f: Fixture, id: string, more: Partial<DatabaseRecord> = {}): Promise<void> {
  const record = (await f.kv.get(databaseRecords.key(id)))?.value as DatabaseRecord;
  f.temporal.running.delete(`database/${id}`);
  await f.kv.commit(
    [],
    [
      { put: databaseRecords.key(id), value: { ...record, state: 'available', openTaskId: undefined, ...more } },
      { removePrefix: 'outbox/' },
    ],
  );
}
export const remove = (f: Fixture, id: string, query = '') => f.call('DELETE', `/v1/hosts/${id}${query}`);
export const started = (f: Fixture, type: string) => f.temporal.started.filter((s) => s.type === type);
export const node = (name: string, ...host_ids: string[]) => ({ name, host_ids });
