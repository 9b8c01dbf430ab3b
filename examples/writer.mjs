// node examples/writer.mjs 'postgresql://app:secret@a:5432,b:5432,c:5432/db?target_session_attrs=read-write'
//   [--seconds N] [--file acknowledged.txt] [--pause MS] [--quiet]
// Inserts ids 1, 2, 3 … one by one, follows the primary through every failover, says how long each outage was, and at the
// end (after N seconds, or on Ctrl-C) asks the database for every id it had acknowledged. Last line: a summary as JSON.
// Status 0: nothing acknowledged is missing.
import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const pg = createRequire(new URL('../e2e/package.json', import.meta.url))('pg');
const ATTEMPT_MS = 1000; // to connect, or to have one write acknowledged
const OUTAGE_MS = 200; // a longer time between two acknowledged writes is an outage
const VERIFY_WITHIN_MS = 60_000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '0' },
    file: { type: 'string' },
    pause: { type: 'string', default: '2' },
    quiet: { type: 'boolean', default: false },
  },
});
const target = parseDsn(positionals[0] ?? '');
const run = randomUUID();
const acknowledged = new Set();
const outages = [];
let stopping = false;
let connection; // {client, host} of the primary, once there is one

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (stopping = true));
if (Number(options.seconds) > 0) setTimeout(() => (stopping = true), Number(options.seconds) * 1000).unref();
if (options.file) writeFileSync(options.file, '');
await write();
const missing = await verify();
console.log(JSON.stringify(summary(missing)));
process.exit(missing.length === 0 ? 0 : 1);

/** The driver knows one host per connection: the list of hosts is ours. */
function parseDsn(dsn) {
  const parts = /^postgres(?:ql)?:\/\/([^:@/]+)(?::([^@/]*))?@([^/]+)\/([^?]+)(?:\?(.*))?$/.exec(dsn);
  if (!parts) throw new Error('the first argument must be postgresql://user:password@host:port,host:port/database');
  const [, user, password = '', hosts, database, query] = parts;
  return {
    user: decodeURIComponent(user),
    password: decodeURIComponent(password),
    database: decodeURIComponent(database),
    hosts: hosts.split(',').map((one) => ({ host: one.split(':')[0], port: Number(one.split(':')[1] ?? 5432) })),
    anyHost: !['read-write', 'primary', null].includes(new URLSearchParams(query).get('target_session_attrs')),
    ssl: new URLSearchParams(query).get('sslmode') === 'require' && { rejectUnauthorized: false },
  };
}

/** One host: a session when it takes writes. */
async function open({ host, port }) {
  const { user, password, database, ssl, anyHost } = target;
  const client = new pg.Client({ host, port, user, password, database, ssl, connectionTimeoutMillis: ATTEMPT_MS });
  client.on('error', () => undefined); // told by the next query, too
  try {
    await client.connect();
    const { rows } = await within(client.query('SHOW transaction_read_only'));
    if (rows[0].transaction_read_only === 'on' && !anyHost) throw new Error(`${host} is read-only`);
    return { client, host };
  } catch (err) {
    drop(client);
    throw err;
  }
}

/** Asks all hosts at once, each again and again, as a dead one may take long to say nothing; the first that takes writes counts. */
async function openPrimary() {
  let first;
  const ask = async (host) => {
    for (let until = Date.now() + ATTEMPT_MS; ; await sleep(20)) {
      try {
        const found = await open(host);
        if (first) drop(found.client);
        return (first ??= found);
      } catch (err) {
        if (first || stopping || Date.now() > until) throw err;
      }
    }
  };
  return Promise.any(target.hosts.map(ask));
}

function drop(client) {
  client.connection?.stream?.destroy();
  client.end().catch(() => undefined);
}

function within(work, limitMs = ATTEMPT_MS) {
  const limit = sleep(limitMs, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${limitMs} ms`);
  });
  return Promise.race([work, limit]);
}

/** An id whose insert failed is never tried again: whether it was stored is unknown, and it was not acknowledged. */
async function write() {
  let last = Date.now();
  let reason = '';
  for (let id = 1; !stopping; id += 1) {
    try {
      await insert(id);
    } catch (err) {
      reason = (err.errors?.map((e) => e.message).join('; ') ?? err.message) || err.code;
      if (connection) drop(connection.client);
      connection = undefined;
      await sleep(20);
      continue;
    }
    const now = Date.now();
    acknowledged.add(id);
    if (options.file) appendFileSync(options.file, `${id}\n`);
    if (now - last > OUTAGE_MS && acknowledged.size > 1) noteOutage(last, now, reason);
    [last, reason] = [now, ''];
    await sleep(Number(options.pause));
  }
}

async function insert(id) {
  if (!connection) {
    connection = await openPrimary();
    if (acknowledged.size === 0)
      await connection.client.query(
        'CREATE TABLE IF NOT EXISTS windlass_writer (run uuid, id bigint, at timestamptz DEFAULT now(), PRIMARY KEY (run, id))',
      );
  }
  await within(connection.client.query('INSERT INTO windlass_writer (run, id) VALUES ($1, $2)', [run, id]));
}

function noteOutage(from, to, reason) {
  outages.push({ at: new Date(from).toISOString(), ms: to - from, host: connection.host, reason: reason || 'slow' });
  if (!options.quiet) console.log(`outage of ${to - from} ms, now at ${connection.host} (${reason || 'slow'})`);
}

async function verify() {
  const end = Date.now() + VERIFY_WITHIN_MS;
  for (;;) {
    try {
      connection ??= await openPrimary();
      const read = connection.client.query('SELECT id FROM windlass_writer WHERE run = $1', [run]);
      const present = new Set((await within(read, 10_000)).rows.map((row) => Number(row.id)));
      return [...acknowledged].filter((id) => !present.has(id));
    } catch (err) {
      if (connection) drop(connection.client);
      connection = undefined;
      if (Date.now() > end) throw err;
      await sleep(100);
    }
  }
}

function summary(missing) {
  const total = outages.reduce((sum, outage) => sum + outage.ms, 0);
  return {
    run,
    acknowledged: acknowledged.size,
    lost: missing.length,
    missing: missing.slice(0, 20),
    outages,
    outage_ms: total,
  };
}
