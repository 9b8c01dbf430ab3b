import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createCa } from '@windlass/resources/platform/trust';
import { databaseRecords, databaseSpecs } from '@windlass/resources/postgres/records';
import type { Kv, KvWrite, SecretBox } from '@windlass/resources/store';
import { catalogue } from './backed-up.ts';
import { checkedApp } from './checked-app.ts';
import { openWorld } from './contract-world.ts';
import { shopSpec } from './fixture.ts';
import type { HostileRequest } from './hostile-requests.ts';
import { answerLive } from './live-answers.ts';

const THEN = '2026-01-01T00:00:00.000Z';

export interface HostileAnswer {
  readonly status: number;
  readonly text: string;
  /** What is not as the route declares it; empty: nothing. */
  readonly undeclared: string;
}

/** A cluster with the database `shop`, its backups included, of which every request finds what the first one found. */
export interface HostileWorld {
  readonly kv: Kv;
  readonly box: SecretBox;
  readonly app: FastifyInstance;
  /** Every piece that the server has logged. */
  readonly logged: readonly string[];
  send(request: HostileRequest): Promise<HostileAnswer>;
  /** As it was before, but for the audit, which is a chain. */
  restore(): Promise<void>;
}

/** What is written, but for the audit. */
function noteOthers(written: Set<string>, writes: readonly KvWrite[]): void {
  for (const write of writes) if ('put' in write && !write.put.startsWith('audit')) written.add(write.put);
}

export async function openHostileWorld(): Promise<HostileWorld> {
  const f = await openWorld((await createCa('hostile')).certPem);
  await f.app.close();
  const { kv, temporal } = f;
  answerLive(f);
  temporal.results.set('listBackups', catalogue).set('inspectDatabase', { findings: [] });
  temporal.results.set('planDatabase', { steps: [], sentences: [] });
  const backups = { backup_config: { repositories: [{ type: 'posix', base_path: '/backups' }] } };
  const spec = { ...shopSpec, ...backups, postgres_version: '17.6' };
  await kv.commit([], [
    { put: databaseSpecs.key('shop'), value: { spec: { ...spec, nodes: [{ name: 'n1', host_ids: ['host-1', 'host-2'] }] }, passwordVersions: {} } },
    { put: databaseSpecs.key('pair'), value: { spec: { ...spec, nodes: ['n1', 'n2'].map((name) => ({ name, host_ids: ['host-1'] })) }, passwordVersions: {}, nodeNumbers: { current: { n1: 1, n2: 2 }, given: [1, 2] } } },
    { put: databaseRecords.key('pair'), value: { id: 'pair', createdAt: THEN, updatedAt: THEN, state: 'available' } },
  ]); // prettier-ignore
  const logged: string[] = [];
  const write = (chunk: unknown, _encoding: string, done: () => void): void => (logged.push(String(chunk)), done());
  const before = await kv.list('');
  const written = new Set<string>();
  const noting: Kv = { ...kv, commit: (expect, writes) => (noteOthers(written, writes), kv.commit(expect, writes)) };
  const log = pino({ base: { app: 'server' } }, new Writable({ write }));
  const { app, settle } = await checkedApp({ ...f.deps, kv: noting }, {}, log);
  return {
    kv,
    box: f.deps.box,
    app,
    logged,
    send: async ({ method, url, body, headers }) => {
      const payload = body === undefined ? {} : { payload: body };
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await app.inject({ method: method as 'GET', url, headers: { ...type, ...headers }, ...payload });
      return { status: answer.statusCode, text: answer.body, undeclared: problemOf(settle) };
    },
    restore: async () => {
      await kv.commit([], [...written].map((key) => ({ remove: key }))); // prettier-ignore
      await kv.commit([], before.map(({ key, value }) => ({ put: key, value }))); // prettier-ignore
      written.clear();
      temporal.running.clear();
    },
  };
}

function problemOf(settle: () => void): string {
  try {
    settle();
    return '';
  } catch (err) {
    return String(err);
  }
}
