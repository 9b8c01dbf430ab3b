import { withPeerSlots } from '../inside/peer-slots.ts';
import { clientsOf, leader, member, run } from '../../testing/node-fixture.ts';
import { prepareFailover } from './index.ts';

const [B, C] = [member('b', { host: 'host-b' }), member('c', { host: 'host-c' })];

/** The primary has these slots; replicas answer one after the other what they have, the last answer for ever. */
function at(slots: readonly string[], answers: Readonly<Record<string, readonly string[]>>, copied = true) {
  const { clients } = clientsOf({
    members: [leader, B, C],
    receiving: () => slots.map((name) => ({ name, lag: '0', copied })),
  });
  const said = Object.fromEntries(Object.entries(answers).map(([host, lines]) => [host, [...lines]]));
  const exec = (_id: string, { command }: { command: readonly string[] }) => {
    const host = /host=(\S+)/.exec(command.join(' '))?.[1] ?? '';
    const lines = said[host] ?? [];
    const stdout = (lines.length > 1 ? lines.shift() : lines[0])?.replaceAll(' ', '\n');
    return Promise.resolve({ exitCode: stdout === undefined ? 2 : 0, stdout: stdout ?? '', stderr: '' });
  };
  return { ...clients, docker: { ...clients.docker, exec } };
}
const primary = { leader: 'a', address: '192.0.2.1' };
const N2 = 'windlass_n2';

test('who has the slots of other nodes may take over; what is waited for is said', async () => {
  const told: string[] = [];
  const clients = at([N2, 'windlass_n3', 'cdc'], { 'host-b': [N2], 'host-c': [N2, `${N2} windlass_n3`] });
  const ready = await withPeerSlots(clients, primary, [B, C], { ...run, progress: (text?: string) => void told.push(text ?? '') }); // prettier-ignore
  expect(ready).toEqual([C]);
  expect(told).toEqual([`waiting for 'b' to have windlass_n3; 'c' to have windlass_n3`]);
});

test('where no other node reads, nobody is asked', async () => {
  expect(await withPeerSlots(at(['cdc'], {}), primary, [B], run)).toEqual([B]);
});

test('before Postgres 17 slots are not copied, and nobody waits for it', async () => {
  const asked = withPeerSlots(at([N2], {}, false), primary, [B], run);
  await expect(asked).rejects.toThrow(`the slot '${N2}' stays where it is before Postgres 17`);
});

test('a failover to a member without a slot is refused, and forced it says which; one that does not answer has none', async () => {
  const wish = { scope: 's', instanceId: 'b', leader: 'a', candidate: 'b', skipValidation: false, peerSlots: [N2] };
  const clients = at([], { 'host-b': ['windlass_n3'] });
  await expect(prepareFailover(clients, wish, run)).rejects.toThrow(`'b' does not have ${N2}, from which other nodes`);
  const forced = { ...wish, skipValidation: true };
  expect(await prepareFailover(clients, forced, run)).toEqual({ candidate: 'b', lagBytes: 0, slotsMissing: [N2] });
  expect(await prepareFailover(at([], {}), forced, run)).toMatchObject({ slotsMissing: [N2] });
  expect(await prepareFailover(at([], { 'host-b': [N2] }), wish, run)).toEqual({ candidate: 'b', lagBytes: 0 });
});
