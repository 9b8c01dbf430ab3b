import type { Clients, ContainerDeath } from '../clients/index.ts';
import { scopeOf, serviceOf } from '../inside/index.ts';
import { untilReady } from '../kinds/index.ts';
import { staysBehind } from '../operations/index.ts';
import { databaseRecords, databaseSpecs } from '../records/index.ts';
import type { Kv } from '../../store/index.ts';
import { accept, appendLog, endTask, makeTask, taskRecords, type TaskRecord } from '../../tasks/index.ts';
import { unreadableTo } from '../../watcher/unreadable-to.ts';
import type { Log } from '../../watcher/log.ts';

/** A replica takes over in well under a second; after this long the task says that none did. */
const TAKEOVER_WITHIN_MS = 30_000;
const REJOIN_WITHIN_MS = 60_000;

interface Victim {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
  readonly scope: string;
}

/**
 * Makes Patroni's failover fast where death is proven: when Docker tells that the container of the leader has ended, the
 * leader's lock is taken away at once instead of when its lease runs out. Never on suspicion: the engine of this host
 * must have reported the end of exactly the newest container of the instance that holds the lock, and etcd removes
 * exactly the holding that was looked at. Who takes over, and whether anybody may, is Patroni's decision.
 */
export class FastFailover {
  readonly #kv: Kv;
  readonly #clients: Clients;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #unsubscribe: () => void = () => undefined;

  constructor(kv: Kv, clients: Clients, log: Log) {
    this.#kv = kv;
    this.#clients = clients;
    this.#log = log;
  }

  start(): void {
    this.#unsubscribe = this.#clients.docker.onContainerDied((death) => {
      const victim = victimOf(death, this.#clients.host.hostId);
      if (victim) this.#track(this.#onDeath(victim, death));
    });
    this.#track(this.#finishOld());
  }

  /** Resolves when everything that was told so far is dealt with. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stop.abort();
    await this.settled();
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((err: unknown) => {
        if (!this.#stop.signal.aborted) this.#log.warn({ err }, 'fast failover did not work; the lease decides');
      })
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #onDeath(victim: Victim, death: ContainerDeath): Promise<void> {
    const { dcs, docker } = this.#clients;
    const [lock, members, standbys, newest, database, leaves] = await Promise.all([
      dcs.leaderLock(victim.scope),
      dcs.members(victim.scope),
      dcs.synchronousStandbys(victim.scope),
      docker.serviceContainer(serviceOf(victim.instanceId)),
      databaseRecords.get(this.#kv, victim.databaseId),
      this.#leaves(victim),
    ]);
    if (lock?.holder !== victim.instanceId || members.every((name) => name === victim.instanceId)) return;
    if (newest !== undefined && newest.id !== death.containerId) return;
    if (leaves || newest?.state === 'running' || (database?.value.state ?? 'deleting') === 'deleting') return;
    const task = this.#taskOf(victim);
    const { hostId } = this.#clients.host;
    await accept(this.#kv, { task, doing: { by: { kind: 'host', id: hostId }, operation: 'fast-failover' } });
    const released = await dcs.releaseLeaderLock(victim.scope, lock);
    await appendLog(this.#kv, task, `the container of the primary '${victim.instanceId}' ended`, {
      container_id: death.containerId,
      exit_code: death.attributes['exitCode'],
      host_id: this.#clients.host.hostId,
    });
    if (released) await this.#finish(task, victim, standbys);
    else await this.#end(task, 'completed', `the lock of '${victim.scope}' had changed hands already`);
  }

  /** Its node is not declared any more: it is being removed, and nobody is to take over. A spec that cannot be read keeps nobody from it. */
  async #leaves({ databaseId, nodeName }: Victim): Promise<boolean> {
    const stored = await databaseSpecs.get(this.#kv, databaseId).catch(() => undefined);
    return stored !== undefined && !stored.value.spec.nodes.some(({ name }) => name === nodeName);
  }

  /** This worker does it by itself: it runs from the start, and no workflow has it. */
  #taskOf({ databaseId, nodeName, instanceId }: Victim): TaskRecord {
    const { hostId } = this.#clients.host;
    const about = { scope: 'database', entityId: databaseId, nodeName, instanceId, hostId } as const;
    return makeTask({ ...about, type: 'failover', status: 'running', workflowId: '' }, new Date());
  }

  /** Waits for the new primary, then closes the task. Who was synchronous is not known any more after a restart of the worker. */
  async #finish(task: TaskRecord, victim: Victim, standbys?: readonly string[]): Promise<void> {
    const limit = AbortSignal.timeout(TAKEOVER_WITHIN_MS);
    try {
      const signal = AbortSignal.any([limit, this.#stop.signal]);
      const successor = await this.#clients.dcs.waitForLeader(victim.scope, signal);
      const took = Date.now() - Date.parse(task.createdAt);
      const stayed = successor === victim.instanceId;
      const what = stayed
        ? `'${successor}' came back and stayed the primary`
        : `'${successor}' took over from '${victim.instanceId}'`;
      const lossless = stayed || standbys?.includes(successor);
      if (!stayed) await appendLog(this.#kv, task, staysBehind(victim.instanceId, successor), {});
      await this.#end(task, 'completed', `${what} after ${String(took)}ms${lossNote(lossless)}`, {
        duration_ms: took,
        to: successor,
        ...(lossless && { lost_bytes: 0 }),
      });
      await this.#rejoin(victim);
    } catch (err) {
      if (!limit.aborted) throw err;
      await this.#end(task, 'failed', `no member of '${victim.scope}' took over within 30 s`);
    }
  }

  /** Has the old primary come back as a replica without waiting for Patroni's turns; Swarm starts its container again. */
  async #rejoin({ instanceId }: Victim): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(REJOIN_WITHIN_MS), this.#stop.signal]);
    await untilReady({ serviceName: serviceOf(instanceId) }, this.#clients, signal).catch(() => undefined);
  }

  /** Tasks this host began before its worker was restarted. */
  async #finishOld(): Promise<void> {
    const rows = await taskRecords.list(this.#kv, ['database'], { unreadable: unreadableTo(this.#log) });
    const open = rows
      .map((row) => row.value)
      .filter((t) => t.type === 'failover' && t.workflowId === '' && t.status === 'running')
      .filter((t) => t.hostId === this.#clients.host.hostId);
    for (const task of open) {
      const { entityId: databaseId, nodeName = '', instanceId = '' } = task;
      await this.#finish(task, { databaseId, nodeName, instanceId, scope: scopeOf(databaseId, nodeName) });
    }
  }

  async #end(
    task: TaskRecord,
    status: 'completed' | 'failed',
    message: string,
    fields: Record<string, unknown> = {},
  ): Promise<void> {
    await appendLog(this.#kv, task, message, fields);
    await endTask(this.#kv, task, () => ({ outcome: status, error: message }));
    this.#log.info({ databaseId: task.entityId, node: task.nodeName, status, ...fields }, 'fast failover');
  }
}

/** What a takeover means for commits that were acknowledged; nothing where that is not known. */
function lossNote(lossless: boolean | undefined): string {
  if (lossless === undefined) return '';
  return lossless
    ? '; no acknowledged commit is lost'
    : '; replication was asynchronous: commits that it had not received yet are lost';
}

/** Workers of other hosts may share this engine: each answers for its own instances. */
function victimOf({ attributes }: ContainerDeath, hostId: string): Victim | undefined {
  const databaseId = attributes['pgedge.database.id'];
  const nodeName = attributes['pgedge.node.name'];
  const instanceId = attributes['pgedge.instance.id'];
  if (attributes['pgedge.component'] !== 'postgres' || attributes['pgedge.host.id'] !== hostId) return undefined;
  if (databaseId === undefined || nodeName === undefined || instanceId === undefined) return undefined;
  return { databaseId, nodeName, instanceId, scope: scopeOf(databaseId, nodeName) };
}
