import type pg from 'pg';
import { connectPrimary, type Address } from './endpoint.ts';
import { questionsOf, type LinkOptions } from './link.ts';

interface Asked {
  readonly open: () => Promise<pg.Client>;
  client: Promise<pg.Client> | undefined;
}

/** Sessions with the peers for what an applier asks them; each is opened when it is needed, and ends with the link of its peer. */
export class Questions {
  readonly #asked = new Map<number, Asked>();

  /** There is a link to a peer, whose primary is there. */
  opened({ me, peer, signal }: LinkOptions, address: Address): void {
    const endpoint = { ...peer.endpoint, hosts: [address] };
    const open = async () => (await connectPrimary(endpoint, questionsOf(me, signal))).client;
    this.#asked.set(peer.number, { open, client: undefined });
  }

  /** Throws when the peer cannot be asked now. */
  async ask(peer: number): Promise<pg.Client> {
    const asked = this.#asked.get(peer);
    if (!asked) throw new Error(`there is no connection to node ${String(peer)}`);
    asked.client ??= this.#open(asked);
    return asked.client;
  }

  async #open(asked: Asked): Promise<pg.Client> {
    try {
      const client = await asked.open();
      client.once('end', () => (asked.client = undefined));
      return client;
    } catch (err) {
      asked.client = undefined;
      throw err;
    }
  }
}
