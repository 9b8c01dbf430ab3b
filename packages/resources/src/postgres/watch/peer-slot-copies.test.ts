import type { PostgresSession } from '../clients/index.ts';
import type { Watched } from './check.ts';
import { peerSlotCopies } from './peer-slot-copies.ts';

const at = (peerSlots: readonly string[], usable: readonly string[]): Watched =>
  ({
    ...{ instanceId: 'shop-n1-b', peerSlots },
    ask: (work: (session: PostgresSession) => unknown) =>
      work({ query: () => Promise.resolve(usable.map((slot_name) => ({ slot_name }))) } as unknown as PostgresSession),
  }) as unknown as Watched;

it('a replica that lacks a copy of a slot says of which, until it has all', async () => {
  expect(await peerSlotCopies.look(at(['windlass_n2', 'windlass_n3'], ['windlass_n2', 'theirs']))).toEqual([
    {
      type: 'replica_lacks_slots',
      message: expect.stringMatching(/^replica 'shop-n1-b' has no usable copy of windlass_n3: /) as string,
    },
  ]);
  expect(await peerSlotCopies.look(at(['windlass_n2'], ['windlass_n2']))).toEqual([]);
});

it('one of the only node of its database is not asked', async () => {
  const alone = { ...at([], []), ask: () => Promise.reject(new Error('it was asked')) };
  expect(await peerSlotCopies.look(alone)).toEqual([]);
});

it('one that has just become a replica lacks all until it was looked at', () => {
  const of = (peerSlots: readonly string[]) =>
    peerSlotCopies.untilSeen?.({ instanceId: 'shop-n1-b', peerSlots }).map(({ message }) => message);
  expect(of(['windlass_n2', 'windlass_n3'])).toEqual([
    expect.stringMatching(/no usable copy of windlass_n2, windlass_n3: /),
  ]);
  expect(of([])).toEqual([]);
});
