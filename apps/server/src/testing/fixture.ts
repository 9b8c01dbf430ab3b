import type { FastifyInstance } from 'fastify';
import { DomainError } from '@windlass/resources/errors';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { openPayloads } from '@windlass/resources/platform/payloads';
import { createMemoryKv, keys, type Kv } from '@windlass/resources/store';
import { aBox } from '@windlass/resources/testing';
import { loadSqlParser } from '@windlass/resources/postgres/spec';
import { createFakeMembership, type FakeMembership } from './fake-membership.ts';
import type { ServerDeps } from '../core/deps.ts';
import type { AppOptions } from '../app.ts';
import { checkedApp } from './checked-app.ts';
import { createFakeTemporal, type FakeTemporal } from './fake-temporal.ts';
import { UnreadableRecords } from '../core/unreadable-records.ts';
import { upkeep } from '../upkeep.ts';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';

/** A host that was seen just now. */
export const hostNow = (more: Partial<HostRecord> = {}): HostRecord => ({
  id: 'host-1',
  dataDir: '/data',
  swarmNodeId: 's1',
  controlAvailable: true,
  peerAddresses: ['192.0.2.1'],
  clientAddresses: ['192.0.2.1'],
  cpus: 2,
  memoryBytes: 8e9,
  images: [{ postgresVersion: '17.6', id: 'sha256:1' }],
  components: { docker: { healthy: true, error: '' } },
  seenAt: new Date().toISOString(),
  ...more,
});

/** A spec that is valid on that host. */
export const shopSpec = {
  database_name: 'shop',
  database_users: [{ username: 'app', password: 'hush-hush', db_owner: true }],
  nodes: [{ name: 'n1', host_ids: ['host-1'] }],
};

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

export interface Fixture {
  readonly kv: Kv;
  readonly temporal: FakeTemporal;
  readonly membership: FakeMembership;
  readonly deps: ServerDeps;
  readonly app: FastifyInstance;
  readonly leaves: LeafBook;
  /** Keys of what was told to be unreadable. */
  readonly told: readonly string[];
  call(method: string, url: string, payload?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Makes every use of the store fail, or work again. */
  storeDown(down: boolean): void;
}

/** The whole application on memory stores and a fake Temporal, initialised and with one host. */
export async function openFixture(
  caPem = '',
  clock: () => Date = () => new Date(),
  more: Partial<ServerDeps> = {},
  options: Pick<AppOptions, 'routes' | 'pages'> = {},
): Promise<Fixture> {
  await loadSqlParser();
  const temporal = createFakeTemporal();
  let down = false;
  const kv = breakable(createMemoryKv(), () => down);
  const membership = createFakeMembership(clock);
  const box = aBox(more.kv ?? kv, membership.masterKeys);
  const serverUrls = ['http://192.0.2.1:3000'];
  const told: string[] = [];
  const leaves = new LeafBook();
  const unreadable = new UnreadableRecords(({ key }) => told.push(key));
  const deps: ServerDeps = {
    kv,
    unreadable,
    temporal,
    payloads: openPayloads(more.kv ?? kv, box, 'encrypted').codec,
    box,
    caPem,
    serverUrls,
    certificateEnds: () => Promise.resolve({}),
    clockLook: () => Promise.resolve({ healthy: true, error: '', details: { offset_ms: 0 } }),
    membership,
    upkeep,
    leaves,
    now: clock,
    ...more,
  };
  const cluster = { id: 'c1', createdAt: new Date().toISOString() };
  await kv.commit([], [{ put: keys.cluster, value: cluster }, { put: hostRecords.key('host-1'), value: hostNow() }]); // prettier-ignore
  const { app, settle } = await checkedApp(deps, options);
  return {
    kv,
    temporal,
    membership,
    deps,
    app,
    told,
    leaves,
    call: caller(app, settle),
    storeDown: (value) => void (down = value),
  };
}

/** Fails a test whose answer is not as its route declares it. */
function caller(app: FastifyInstance, settle: () => void): Fixture['call'] {
  return async (method, url, payload, headers = {}) => {
    const text = payload === undefined || typeof payload === 'string' ? payload : JSON.stringify(payload);
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { payload: text }),
    });
    settle();
    const body = (answer.body === '' ? undefined : answer.json()) as Record<string, unknown>;
    return { status: answer.statusCode, headers: answer.headers, body };
  };
}

function breakable(kv: Kv, isDown: () => boolean): Kv {
  const guard =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      isDown() ? Promise.reject(new DomainError('store_unavailable')) : work(...args);
  return { ...kv, get: guard(kv.get), list: guard(kv.list), commit: guard(kv.commit) };
}
