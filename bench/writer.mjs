// A client of a node that writes without a pause, one INSERT in flight, and finds the primary again by itself: as
// libpq does with target_session_attrs=read-write. Remembers when which row was acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from './api.mjs';
import { until } from './stack.mjs';

const TABLE = 'CREATE TABLE IF NOT EXISTS written (id bigint PRIMARY KEY)';

export class Writer {
  #ports;
  #database;
  #user;
  #stopped = false;
  #running;
  #acks = [];
  #last = 0;
  port;

  constructor(ports, database, user) {
    this.#ports = ports;
    this.#database = database;
    this.#user = user;
  }

  async start() {
    this.#running = this.#write();
    await this.steady();
  }

  /** Waits for a hundred more rows. */
  async steady(timeoutMs = 90_000) {
    const from = this.#acks.length;
    await until('the writer to write', () => this.#acks.length >= from + 100, timeoutMs);
  }

  /** The longest time without an acknowledged row that ended after `since`, in ms, and when it ended. */
  outage(since) {
    let worst = { ms: 0, endedAt: since };
    for (let i = this.#acks.length - 1; i > 0 && this.#acks[i].at >= since; i -= 1) {
      const ms = this.#acks[i].at - this.#acks[i - 1].at;
      if (ms > worst.ms) worst = { ms, endedAt: this.#acks[i].at };
    }
    return worst;
  }

  /** How often there was no acknowledged row for longer than `ms` after `since`. */
  outages(since, ms) {
    return this.#acks.filter((ack, i) => i > 0 && ack.at >= since && ack.at - this.#acks[i - 1].at > ms).length;
  }

  /** Waits for the first row that was sent and acknowledged after `since`. */
  async wroteAfter(since, timeoutMs = 90_000) {
    return until(
      'a row after the fault',
      () => this.#acks.findLast((ack) => ack.sent >= since && ack.at - since >= 0)?.at,
      timeoutMs,
      5,
    );
  }

  /** Ends the writer and compares, id by id: how many rows were acknowledged, and how many of those are gone. */
  async stop() {
    this.#stopped = true;
    await this.#running;
    const client = await this.#primary();
    const { rows } = await client.query('SELECT id FROM written');
    await client.end();
    const kept = new Set(rows.map((row) => Number(row.id)));
    return { acknowledged: this.#acks.length, lost: this.#acks.filter((ack) => !kept.has(ack.id)).length };
  }

  async #write() {
    let client;
    while (!this.#stopped) {
      try {
        if (client === undefined) {
          client = await this.#primary();
          await client.query(TABLE);
        }
        const id = (this.#last += 1);
        const sent = performance.now();
        await client.query('INSERT INTO written VALUES ($1)', [id]);
        this.#acks.push({ id, sent, at: performance.now() });
      } catch {
        const broken = client;
        client = undefined;
        void broken?.end().catch(() => undefined);
        await sleep(5);
      }
    }
    await client?.end();
  }

  /** Tries all members at once, each again and again; the first that takes writes is it. */
  async #primary() {
    const search = { over: false };
    const end = performance.now() + 90_000;
    try {
      return await Promise.any(this.#ports.map((port) => this.#knock(port, search, end)));
    } finally {
      search.over = true;
    }
  }

  async #knock(port, search, end) {
    while (!search.over && performance.now() < end) {
      const client = await connect(port, this.#database, this.#user).catch(() => undefined);
      const answer = await client?.query('SHOW transaction_read_only').catch(() => undefined);
      if (answer?.rows[0].transaction_read_only === 'off' && !search.over) {
        this.port = port;
        search.over = true;
        return client;
      }
      void client?.end().catch(() => undefined);
      await sleep(10);
    }
    throw new Error(`port ${port} takes no writes`);
  }
}
