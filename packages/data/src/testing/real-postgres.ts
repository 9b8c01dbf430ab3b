import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { openSession, type ReplicationSession, type SessionOptions } from '../source/postgres/index.ts';

const run = promisify(execFile);
const READY_MS = 60_000;

/** The major versions to test with. */
export const MAJORS = (process.env['WINDLASS_POSTGRES_MAJORS'] ?? '15 17 18').split(/\s+/).map(Number);
/** The one of them for what is alike in all: 17, or else the newest. With WINDLASS_ALL_MAJORS (`bin/test --all-majors`) it is all of them. */
export const ANY_MAJOR = process.env['WINDLASS_ALL_MAJORS'] ? MAJORS : [MAJORS.includes(17) ? 17 : Math.max(...MAJORS)];
/** A test of what is alike in all, among those of one version: it is made where that is the version to try it on. */
export function itAlike(major: number, name: string, test: () => Promise<void>): void {
  if (ANY_MAJOR.includes(major)) it(name, test);
}

/** Who comes as one of the first two proves it; everybody else is let in. */
const RULES = `host all with_password 0.0.0.0/0 scram-sha-256
hostssl all only_tls 0.0.0.0/0 scram-sha-256
hostnossl all only_tls 0.0.0.0/0 reject
host all all 0.0.0.0/0 trust
host replication all 127.0.0.1/32 trust
`;
const SETTINGS = `listen_addresses = '*'
wal_level = logical
max_wal_senders = 60
max_replication_slots = 60
max_prepared_transactions = 20
max_connections = 120
logical_decoding_work_mem = 64kB
track_commit_timestamp = on
fsync = off
`;
/** What somebody can give back when a disk is full. */
const RESERVE_MB = 64;
const START = `if [ -n "$RESERVE" ]; then head -c "$RESERVE" /dev/zero > /tmp/reserve; fi; cp -r /usr/share/windlass/template /tmp/data && chmod 700 /tmp/data && cd /tmp/data \
&& printf '%s' "$RULES" > pg_hba.conf && printf '%s' "$SETTINGS" >> postgresql.conf \
&& if [ -n "$CERT" ]; then (umask 077; printf '%s' "$CERT" > server.crt; printf '%s' "$KEY" > server.key); fi \
&& if [ -n "$FAKETIME" ]; then export FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD=$(ls /usr/lib/*/faketime/libfaketime.so.1); fi \
&& if [ -z "$AGAIN" ]; then exec postgres -D /tmp/data; fi \
&& while sleep 0.1; do [ -e /tmp/down ] || postgres -D /tmp/data; done`;
/** Files of some file systems cost more to make the more were removed a minute ago: a database on ext4 without a journal 160 ms, here 20. */
const inMemory = (mb?: number): string[] => ['--tmpfs', `/tmp:exec,mode=1777${mb ? `,size=${String(mb)}m` : ''}`];
/** A copy of the data as it is now, recovered until it is consistent and promoted, on a port of its own. */
const COPY = `{ [ ! -e /tmp/copy ] || pg_ctl -D /tmp/copy -m immediate stop >/dev/null || true; } && rm -rf /tmp/copy && pg_basebackup -h 127.0.0.1 -U windlass -D /tmp/copy -c fast && cd /tmp/copy && touch recovery.signal \
&& printf '%s\\n' "port = 5433" "restore_command = false" "recovery_target = immediate" "recovery_target_action = promote" >> postgresql.conf \
&& pg_ctl -D /tmp/copy -w -l /tmp/copy.log start >/dev/null && until psql -p 5433 -h 127.0.0.1 -U windlass -d postgres -Atc 'SELECT NOT pg_is_in_recovery()' | grep -q t; do sleep 0.1; done`;
/** The postmaster's first line of its file is its process. */
const KILL = 'touch /tmp/down && kill -KILL $(head -1 /tmp/data/postmaster.pid)';

export interface RealPostgresOptions {
  /** Files in `postgresql.conf`'s terms; with them the server speaks TLS. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
  /** Starts again on its data when its postmaster was killed. */
  readonly again?: boolean;
  /** By how much its clock is off, in ms; libfaketime comes from Debian into an image of its own. */
  readonly clockOffMs?: number;
  /** The size of its disk, of which `RESERVE_MB` are taken until `freeDisk`. */
  readonly diskMb?: number;
}

/** A Postgres of one major version in a container of its own, with one superuser that needs no password. */
export class RealPostgres {
  readonly major: number;
  readonly port: number;
  readonly #container: string;
  #databases = 0;
  readonly #open = new Set<{ end(): Promise<unknown> }>();
  /** For what is spilled. */
  readonly directory: string;

  private constructor(major: number, port: number, container: string, directory: string) {
    this.major = major;
    this.port = port;
    this.directory = directory;
    this.#container = container;
  }

  static async start(
    major: number,
    { tls, again, clockOffMs, diskMb }: RealPostgresOptions = {},
  ): Promise<RealPostgres> {
    const settings = SETTINGS + (tls ? 'ssl = on\n' : '');
    const certificates = { CERT: tls?.certPem ?? '', KEY: tls?.keyPem ?? '' };
    const clock = clockOffMs ? { FAKETIME: `${clockOffMs > 0 ? '+' : ''}${String(clockOffMs / 1000)}s` } : {};
    const environment = {
      RULES,
      SETTINGS: settings,
      ...certificates,
      ...clock,
      AGAIN: again ? 'yes' : '',
      RESERVE: diskMb ? `${String(RESERVE_MB)}M` : '',
    };
    const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    const image = clockOffMs ? await imageWithClock(major) : `windlass/postgres:${String(major)}`;
    const how = [
      'run',
      '--detach',
      '--rm',
      ...inMemory(diskMb),
      '--publish',
      '127.0.0.1::5432',
      ...variables,
      image,
      'bash',
      '-c',
      START,
    ];
    const container = (await run('docker', how)).stdout.trim();
    const address = (await run('docker', ['port', container, '5432/tcp'])).stdout.trim();
    const directory = await mkdtemp(path.join(tmpdir(), 'windlass-spill-'));
    const server = new RealPostgres(major, Number(address.split(':').at(-1)), container, directory);
    await server.#ready();
    return server;
  }

  /** A new database; gives its name. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `db${String(this.#databases)}`;
    await (await this.client('postgres')).query(`CREATE DATABASE ${name}`);
    return name;
  }

  /** A plain session of the superuser. */
  async client(database: string): Promise<pg.Client> {
    const where = { host: '127.0.0.1', port: this.port, user: 'windlass', database };
    const client = new pg.Client({ ...where, options: '-c search_path=public' });
    client.on('error', () => undefined);
    await client.connect();
    this.#open.add(client);
    return client;
  }

  async session(database: string, more: Partial<SessionOptions> = {}): Promise<ReplicationSession> {
    const session = await openSession({
      ...{ host: '127.0.0.1', port: this.port, database, user: 'windlass', applicationName: 'itest' },
      ...more,
    });
    this.#open.add(session);
    return session;
  }

  /** Makes room on a disk that is full. */
  async freeDisk(): Promise<void> {
    await run('docker', ['exec', this.#container, 'rm', '/tmp/reserve']);
  }

  /** A fast shutdown; gives up after 10 s. The container goes with it. */
  async shutDown(): Promise<void> {
    await run('docker', ['kill', '--signal', 'INT', this.#container]);
    await run('docker', ['wait', this.#container], { timeout: 10_000 }).catch((err: unknown) => {
      if (!String(err).includes('No such container')) throw err;
    });
  }

  /** Where containers reach it, at port 5432. */
  async address(): Promise<string> {
    const format = '{{.NetworkSettings.IPAddress}}';
    return (await run('docker', ['inspect', '--format', format, this.#container])).stdout.trim();
  }

  /** What it has written to its log. */
  async log(): Promise<string> {
    return (await run('docker', ['logs', this.#container], { maxBuffer: 64_000_000 })).stderr;
  }

  /** SIGKILL of the postmaster; it stays down until `rise`. Only of one that was started with `again`. */
  async kill(): Promise<void> {
    await run('docker', ['exec', this.#container, 'bash', '-c', KILL]);
  }

  /** Lets it start again; resolves when it takes sessions. */
  async rise(): Promise<void> {
    await run('docker', ['exec', this.#container, 'rm', '-f', '/tmp/down']);
    await this.#ready();
  }

  /** The schema of a database as `pg_dump` writes it, without what Windlass keeps there. */
  async schemaOf(database: string): Promise<string> {
    const what = ['--schema-only', '--exclude-schema=windlass', '-h', '127.0.0.1', '-U', 'windlass', database];
    const { stdout } = await run('docker', ['exec', this.#container, 'pg_dump', ...what], { maxBuffer: 64_000_000 });
    return stdout.replace(/^(\\(un)?restrict .*|CREATE TRIGGER windlass_.*)\n/gm, '');
  }

  /** A client of a physical copy of the server as it is now, which runs beside it as a primary of its own. */
  async copy(database: string): Promise<pg.Client> {
    await run('docker', ['exec', this.#container, 'bash', '-c', COPY]);
    const client = new pg.Client({ host: await this.address(), port: 5433, user: 'windlass', database });
    client.on('error', () => undefined);
    await client.connect();
    this.#open.add(client);
    return client;
  }

  /** Ends every session, and what it had begun: a transaction left open would keep others from making a slot. */
  async endSessions(): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((one) => one.end().catch(() => undefined)));
  }

  async stop(): Promise<void> {
    await this.endSessions();
    // Where it was shut down, Docker may be removing it by itself.
    await run('docker', ['rm', '--force', this.#container]).catch((err: unknown) => {
      if (!/already in progress|No such container/.test(String(err))) throw err;
    });
    await rm(this.directory, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    const until = Date.now() + READY_MS;
    for (;;) {
      try {
        await (await this.client('postgres')).query('SELECT 1');
        return;
      } catch (err) {
        if (Date.now() > until) throw err;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

/** Of tests only; Docker keeps it. */
async function imageWithClock(major: number): Promise<string> {
  const image = `windlass-test/postgres-clock:${String(major)}`;
  const text = `FROM windlass/postgres:${String(major)}
USER root
RUN apt-get update && apt-get install --yes --no-install-recommends libfaketime && rm -rf /var/lib/apt/lists/*
USER postgres
`;
  const build = run('docker', ['build', '--quiet', '--tag', image, '-']);
  build.child.stdin?.end(text);
  await build;
  return image;
}
