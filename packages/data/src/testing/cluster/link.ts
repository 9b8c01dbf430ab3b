import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a node reaches another: TCP that can be cut, be silent, be slow, and be broken. One direction: who connects here is one node. */
export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: 'open' | 'refused' | 'silent' = 'open';
  #delayMs = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<Link> {
    const server = createServer();
    const link = new Link(server);
    server.on('connection', (socket) => link.#accept(socket, targetPort));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections break, and no new one is let in. */
  refuse(): void {
    this.#state = 'refused';
    this.break();
  }

  /** Nothing goes through any more, and nobody is told: as behind a cable that was pulled. What waits goes through afterwards. */
  silence(): void {
    this.#state = 'silent';
  }

  /** Each piece is on its way for so long. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Connections break; new ones are let in. */
  break(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  heal(): void {
    this.#state = 'open';
    this.#delayMs = 0;
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket, targetPort: number): void {
    if (this.#state === 'refused') {
      socket.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const)
      this.#join(from, to);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    void this.#forward(from, to);
  }

  async #forward(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        if (this.#delayMs > 0) await sleep(this.#delayMs);
        while (this.#state === 'silent' && !to.destroyed) await sleep(20);
        if (!to.write(piece)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
      }
      to.end();
    } catch {
      to.destroy();
    }
  }
}
