import { AuditChain, auditIntents, auditLines, BY_SERVERS } from '@windlass/resources/audit';
import { hostRecords } from '@windlass/resources/platform/records';
import { createMemoryKv, type KvWrite } from '@windlass/resources/store';
import { hostNow } from '../../testing/fixture.ts';
import { RequestAudit } from './request-audit.ts';

const now = (): Date => new Date('2026-11-27T12:00:00Z');
const event = { id: 'r1', at: now().toISOString(), who: { kind: 'loopback' as const }, operation: 'remove-host' };
const write = (id: string): KvWrite => hostRecords.put(hostNow({ id }), id);

function begin() {
  const kv = createMemoryKv();
  const chain = new AuditChain({ kv, now });
  const audit = new RequestAudit({ kv, chain, onError: () => undefined }, event);
  return { kv, chain, audit, told: async () => (await auditIntents.get(kv, BY_SERVERS, 'r1'))?.value.event.records };
}

test('a request of several transactions: whenever its server dies, the intent tells of all that was done', async () => {
  const { audit, told } = begin();
  await audit.kv.commit([], [write('a')]);
  expect(await told()).toEqual([hostRecords.key('a')]);
  expect(await audit.kv.commit([{ key: hostRecords.key('a'), revision: 99 }], [write('b')])).toBe(false);
  await audit.kv.commit([], [write('c')]);
  expect(await told()).toEqual([hostRecords.key('a'), hostRecords.key('c')]);
});

test('its answer makes one line of it, and what is still done after that adds no other', async () => {
  const { kv, chain, audit, told } = begin();
  await audit.kv.commit([], [write('a')]);
  await audit.answered({ status: 200 });
  await audit.kv.commit([], [write('b')]);
  await chain.settled();
  expect([await told(), (await auditLines.list(kv, [])).length]).toEqual([undefined, 1]);
});
