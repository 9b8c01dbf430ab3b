import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Link } from './link.ts';

describe('a link', () => {
  let server: Server;
  let link: Link;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    server = createServer((socket) => void socket.pipe(socket).on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    link = await Link.open((server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await link.close();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A connection by the link to what says everything again. */
  function open() {
    const socket = connect(link.port, '127.0.0.1');
    sockets.push(socket);
    const heard: string[] = [];
    const state = { socket, heard, closed: false };
    socket.on('data', (piece) => heard.push(String(piece)));
    socket.on('close', () => (state.closed = true)).on('error', () => undefined);
    return state;
  }
  const say = (one: { socket: Socket }, text: string): Promise<void> => {
    one.socket.write(text);
    return sleep(60);
  };

  it('lets through, breaks, and lets in again', async () => {
    const one = open();
    await say(one, 'a');
    link.break();
    await sleep(30);
    const two = open();
    await say(two, 'b');
    expect([one.heard, one.closed, two.heard, two.closed]).toEqual([['a'], true, ['b'], false]);
  });

  it('refuses until it is healed', async () => {
    const one = open();
    await say(one, 'a');
    link.refuse();
    const two = open();
    await say(two, 'b');
    link.heal();
    const three = open();
    await say(three, 'c');
    expect([one.closed, two.heard, two.closed, three.heard]).toEqual([true, [], true, ['c']]);
  });

  it('is silent, and says afterwards what was said', async () => {
    const one = open();
    await say(one, 'a');
    link.silence();
    await say(one, 'b');
    expect([one.heard, one.closed]).toEqual([['a'], false]);
    link.heal();
    await sleep(80);
    expect(one.heard).toEqual(['a', 'b']);
  });

  it('is slow', async () => {
    const one = open();
    await say(one, 'a');
    link.slow(100);
    await say(one, 'b');
    expect(one.heard).toEqual(['a']);
    await sleep(250);
    expect(one.heard).toEqual(['a', 'b']);
  });
});
