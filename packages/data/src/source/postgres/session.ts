import type pg from 'pg';
import { asOptions, clientOf, TEXT_SETTINGS } from '../../sql/index.ts';
import { alterSlotText, createSlotText, dropSlotText, skipsOriginsHere, startText } from './commands.ts';
import { parseLsn, type Lsn } from './lsn.ts';
import { Progress } from './progress.ts';
import { toSourceError, type Doing } from './source-errors.ts';
import { spillFiles } from './spill-file.ts';
import { ReplicationStream } from './stream.ts';
import type { Major, SlotChanges, SlotOptions, StartOptions } from './commands.ts';

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** A role with REPLICATION. */
  readonly user: string;
  /** None is sent when there is none, whatever the environment says. */
  readonly password?: string | (() => string | Promise<string>);
  /** TLS as Node's `tls.connect` takes it; absent: without. */
  readonly ssl?: NonNullable<pg.ClientConfig['ssl']>;
  /** How the session is called in `pg_stat_replication`. */
  readonly applicationName: string;
  /** For how long address, TLS and login may take together, in ms. */
  readonly connectTimeoutMs?: number;
  /** The server ends the session when it has heard nothing for so long, in ms; absent: as its settings say. */
  readonly walSenderTimeoutMs?: number;
  /** Ends the session at once, whatever it is doing. */
  readonly signal?: AbortSignal;
}

export interface StreamLimits {
  /** A folder for transactions that are streamed before their commit; its files have no names and never outlive the session. */
  readonly spillDirectory: string;
  /** How much of each such transaction stays in memory, in bytes: 256 KiB. */
  readonly memoryBytes?: number;
  /** How much may be received ahead of the consumer, in bytes: 1 MiB. One more message fits always. */
  readonly queueBytes?: number;
  /** How often the server is told how far we are, in ms: 1000. Must be well below its `wal_sender_timeout`. */
  readonly statusIntervalMs?: number;
  /** For how long the server may say nothing, in ms: 60,000. Half way it is asked. 0: for ever. */
  readonly silenceMs?: number;
}

export interface SystemIdentity {
  readonly systemId: string;
  readonly timeline: number;
  /** How far the log is written. */
  readonly xlogpos: Lsn;
}

export interface CreatedSlot {
  readonly name: string;
  /** Whatever is committed after this is sent. */
  readonly consistentPoint: Lsn;
  /** Only with `snapshot: 'export'`. */
  readonly snapshotName: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULTS = { memoryBytes: 256 * 1024, queueBytes: 1024 * 1024, statusIntervalMs: 1000, silenceMs: 60_000 };

const SETTINGS = {
  ...TEXT_SETTINGS,
  ...{ statement_timeout: '0', lock_timeout: '0', idle_in_transaction_session_timeout: '0' },
};

/** Logs in for replication. Throws `connection_failed` with its reason, or `source_not_ready`. */
export async function openSession(options: SessionOptions): Promise<ReplicationSession> {
  const client = clientOf(configOf(options), options.signal);
  try {
    options.signal?.throwIfAborted();
    await client.connect();
    const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num');
    return new ReplicationSession(client, Math.floor(Number(rows[0]?.server_version_num) / 10_000));
  } catch (err) {
    void client.end();
    throw toSourceError(err, 'login');
  }
}

function configOf(options: SessionOptions): pg.ClientConfig & { readonly replication: string } {
  const { host, port, database, user, ssl, walSenderTimeoutMs: timeout } = options;
  return {
    ...{ host, port, database, user, keepAlive: true, replication: 'database' },
    ...(ssl !== undefined && { ssl }),
    password: options.password ?? (() => ''),
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    options: asOptions({ ...SETTINGS, ...(timeout !== undefined && { wal_sender_timeout: String(timeout) }) }),
  };
}

/** A session with a walsender: one command after the other, or one stream until the end. */
export class ReplicationSession {
  readonly major: Major;
  readonly #client: pg.Client;

  constructor(client: pg.Client, major: Major) {
    this.#client = client;
    this.major = major;
  }

  async identifySystem(): Promise<SystemIdentity> {
    const row = await this.#command('IDENTIFY_SYSTEM', 'command');
    return {
      systemId: row['systemid'] ?? '',
      timeline: Number(row['timeline']),
      xlogpos: parseLsn(row['xlogpos'] ?? ''),
    };
  }

  /** The history file of a timeline: a line for each earlier one it comes from, with the position where that was left. 1 has none. */
  async timelineHistory(timeline: number): Promise<string> {
    // Its type is said to be `bytea`, and its form is not that of one.
    return String((await this.#command(`TIMELINE_HISTORY ${String(timeline)}`, 'command'))['content']);
  }

  /** Waits for transactions that are running. Throws `resource_not_owned` when there is one of this name, `source_not_ready`. */
  async createSlot(options: SlotOptions): Promise<CreatedSlot> {
    const row = await this.#command(createSlotText(options, this.major), 'createSlot');
    return {
      name: row['slot_name'] ?? '',
      consistentPoint: parseLsn(row['consistent_point'] ?? ''),
      snapshotName: row['snapshot_name'] ?? undefined,
    };
  }

  /** `wait`: until nobody uses it; else `slot_in_use`. Throws `slot_lost` when there is none. */
  async dropSlot(name: string, { wait = false } = {}): Promise<void> {
    await this.#command(dropSlotText(name, wait), 'command');
  }

  /** From 17 on. Nobody may use the slot meanwhile. */
  async alterSlot(name: string, changes: SlotChanges): Promise<void> {
    await this.#command(alterSlotText(name, changes, this.major), 'command');
  }

  /** From here on the session belongs to the stream. Throws `slot_in_use`, `slot_lost`. */
  async startReplication(options: StartOptions, limits: StreamLimits): Promise<ReplicationStream> {
    const { spillDirectory, ...rest } = limits;
    const stream = new ReplicationStream({
      ...DEFAULTS,
      ...rest,
      text: startText(options, this.major),
      progress: new Progress(options.startLsn ?? 0n),
      skipOrigins: skipsOriginsHere(options, this.major),
      openFile: spillFiles(spillDirectory),
      destroy: () => void this.#client.end(),
    });
    await stream
      .start((command) => void this.#client.query(command))
      .catch((err: unknown) => {
        throw toSourceError(err, 'start');
      });
    return stream;
  }

  async end(): Promise<void> {
    await this.#client.end();
  }

  async #command(text: string, doing: Doing): Promise<Readonly<Record<string, string | null>>> {
    try {
      const { rows } = await this.#client.query<Record<string, string | null>>(text);
      return rows[0] ?? {};
    } catch (err) {
      throw toSourceError(err, doing);
    }
  }
}
