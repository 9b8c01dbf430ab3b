import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createMemoryKv } from './memory.ts';
import { canBind, createPorts } from './port-reservations.ts';

const RANGE = { min: 100, max: 103 };
const open = (busy: readonly number[] = []) =>
  createPorts(createMemoryKv(), RANGE, (port) => Promise.resolve(!busy.includes(port)));

describe('ports of a host', () => {
  it('a free one is the lowest that nobody holds and nobody listens on', async () => {
    const ports = open([100]);
    expect(await ports.reserve('h', 101, 'a')).toBe(101);
    expect(await ports.reserve('h', 0, 'b')).toBe(102);
  });
  it('stays the same for its holder, also while it listens on it', async () => {
    const busy: number[] = [];
    const ports = open(busy);
    const port = await ports.reserve('h', 0, 'a');
    busy.push(port);
    expect(await ports.reserve('h', 0, 'a')).toBe(port);
    expect(await ports.reserve('h', port, 'a')).toBe(port);
  });
  it('is refused by the name of who has it', async () => {
    const ports = open([7]);
    await ports.reserve('h', 100, 'a');
    await expect(ports.reserve('h', 100, 'b')).rejects.toMatchObject({ code: 'port_in_use', message: "port 100 of host 'h' is held by 'a'" }); // prettier-ignore
    await expect(ports.reserve('h', 7, 'b')).rejects.toMatchObject({ code: 'port_in_use', message: "port 7 of host 'h' is in use by another process" }); // prettier-ignore
    expect(await ports.reserve('other', 100, 'b')).toBe(100);
  });
  it('many at once get different ones, until there are none', async () => {
    const ports = open();
    const got = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => ports.reserve('h', 0, holder)));
    expect(got.sort()).toEqual([100, 101, 102, 103]);
    await expect(ports.reserve('h', 0, 'e')).rejects.toMatchObject({ code: 'port_in_use', message: "host 'h' has no free port between 100 and 103" }); // prettier-ignore
  });
  it('is released by its holder only, and twice is fine', async () => {
    const ports = open();
    await ports.reserve('h', 100, 'a');
    await ports.release('h', 100, 'b');
    expect(await ports.reservedBy('h', 100)).toBe('a');
    await ports.release('h', 100, 'a');
    await ports.release('h', 100, 'a');
    expect(await ports.reservedBy('h', 100)).toBeUndefined();
  });
  it('really tries to listen', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await canBind(port)).toBe(false);
    server.close();
    await once(server, 'close');
    expect(await canBind(port)).toBe(true);
  });
});
