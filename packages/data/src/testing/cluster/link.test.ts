import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from '../until.ts';
import { Link } from './link.ts';

describe('a link', () => {
  let server: Server;
  let link: Link;
  const links: Link[] = [];
  const sockets: Socket[] = [];
  beforeEach(async () => {
    server = createServer((socket) => void socket.pipe(socket).on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    link = await openLink();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(links.splice(0).map((one) => one.close()));
    await new Promise((resolve) => server.close(resolve));
  });

  async function openLink(): Promise<Link> {
    const one = await Link.open((server.address() as AddressInfo).port);
    links.push(one);
    return one;
  }
  /** A connection by a link to what says everything again. */
  function open(port = link.port) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const heard: string[] = [];
    const state = { socket, heard, closed: false };
    socket.on('data', (piece) => heard.push(String(piece)));
    socket.on('close', () => (state.closed = true)).on('error', () => undefined);
    return state;
  }
  type Connection = ReturnType<typeof open>;
  const say = (one: Connection, text: string): unknown => one.socket.write(text);
  const hears = async (one: Connection, ...texts: readonly string[]): Promise<void> => {
    await until(() => one.heard.join('') === texts.join(''));
  };
  const isClosed = (one: Connection): Promise<void> => until(() => one.closed);
  async function saidAndHeard(text: string): Promise<Connection> {
    const one = open();
    say(one, text);
    await hears(one, text);
    return one;
  }

  it('lets through, breaks, and lets in again', async () => {
    const one = await saidAndHeard('a');
    link.break();
    await isClosed(one);
    const two = await saidAndHeard('b');
    expect([one.heard, two.closed]).toEqual([['a'], false]);
  });

  it('refuses until it is healed', async () => {
    const one = await saidAndHeard('a');
    link.refuse();
    const two = open();
    say(two, 'b');
    await Promise.all([one, two].map(isClosed));
    link.heal();
    await saidAndHeard('c');
    expect(two.heard).toEqual([]);
  });

  it('is silent, and says afterwards what was said', async () => {
    const one = await saidAndHeard('a');
    const other = await openLink();
    link.silence();
    say(one, 'b');
    // The same way, begun later, but by a link that is open: what went through would be here before.
    const two = open(other.port);
    say(two, 'c');
    await hears(two, 'c');
    expect([one.heard, one.closed]).toEqual([['a'], false]);
    link.heal();
    await hears(one, 'a', 'b');
  });

  it('is slow, in both directions', async () => {
    const one = await saidAndHeard('a');
    link.slow(100);
    const begun = performance.now();
    say(one, 'b');
    await hears(one, 'a', 'b');
    // Timers of Node may be 1 ms early.
    expect(performance.now() - begun).toBeGreaterThan(195);
  });
});
