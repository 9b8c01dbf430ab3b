import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { OwnSlot, PeerStatus, ReplicatorStatus } from '@windlass/data/replicate';

const bit = (yes: boolean): number => (yes ? 1 : 0);

/** Each with what it means; what is not known is left out. */
const OF_PEERS: readonly (readonly [string, string, (peer: PeerStatus) => number | undefined])[] = [
  ['streaming', 'Whether the stream of the peer runs', ({ state }) => bit(state === 'streaming')],
  ['stopped', 'Whether only a person can help the stream of the peer', ({ state }) => bit(state === 'stopped')],
  ['lag_bytes', 'What the peer has written and is not applied here', ({ lagBytes }) => lagBytes],
  ['lag_seconds', 'For how long something of the peer waits', ({ lagMs }) => inSeconds(lagMs)],
  ['queued_bytes', 'Received of the peer and not yet handed to the applier', ({ queuedBytes }) => queuedBytes],
  ['applied_transactions_total', 'Transactions of the peer applied since the process began', ({ applied }) => applied],
  ['connects_total', 'How often a stream of the peer has begun', ({ connects }) => connects],
  ['last_commit_seconds', 'Commit time of what was applied last', ({ lastCommitTime: t }) => t && t / 1e6],
  ['clock_offset_seconds', "How much the peer's clock is ahead", ({ clockOffsetMs }) => inSeconds(clockOffsetMs)],
];
const OF_SLOTS: readonly (readonly [string, string, (slot: OwnSlot) => number | undefined])[] = [
  ['exists', 'Whether there is a slot for the peer', ({ exists }) => bit(exists)],
  ['active', 'Whether the peer reads', ({ active }) => bit(active)],
  ['lost', 'Whether the slot has lost what it kept', ({ walStatus }) => bit(walStatus === 'lost')],
  ['retained_bytes', 'How much of the log is kept for the peer', ({ retainedBytes }) => retainedBytes],
  ['safe_wal_bytes', 'How much more may be written before the slot is lost', ({ safeWalSize }) => safeWalSize],
];

/** How often the event loop is measured. Each 10 ms, as is usual, would be a third of what this process does while nobody writes. */
const LOOP_MS = 100;

const inSeconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** What `GET /metrics` answers, in Prometheus' format. */
export function createMetrics(status: () => ReplicatorStatus): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_MS });
  const nameOf = (number: number): string => status().peers.find((one) => one.number === number)?.name ?? '';
  for (const [name, help, of] of OF_PEERS)
    gauge(registry, `peer_${name}`, help, () => status().peers.map((peer) => [peer.name, of(peer)]));
  for (const [name, help, of] of OF_SLOTS)
    gauge(registry, `slot_${name}`, help, () => status().slots.map((slot) => [nameOf(slot.peer), of(slot)]));
  installOwn(registry, status);
  return registry;
}

type Sample = readonly [peer: string, value: number | undefined];

/** What ends in `_total` only grows while the process lives. */
function gauge(registry: Registry, name: string, help: string, samples: () => readonly Sample[]): void {
  const facts = { name: `windlass_replicator_${name}`, help, labelNames: ['peer'], registers: [registry] };
  if (name.endsWith('_total'))
    new Counter({
      ...facts,
      collect() {
        this.reset();
        for (const [peer, value] of samples()) this.inc({ peer }, value ?? 0);
      },
    });
  else
    new Gauge({
      ...facts,
      collect() {
        this.reset();
        for (const [peer, value] of samples()) if (value !== undefined) this.set({ peer }, value);
      },
    });
}

function installOwn(registry: Registry, status: () => ReplicatorStatus): void {
  new Counter({
    name: 'windlass_replicator_conflicts_total',
    help: 'Conflicts recorded on this node since the process began',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(status().conflicts);
    },
  });
  new Gauge({
    name: 'windlass_replicator_condition',
    help: 'What needs attention: 1 for each condition that holds',
    ...{ labelNames: ['type', 'peer'], registers: [registry] },
    collect() {
      this.reset();
      for (const { type, peer } of status().conditions) this.set({ type, peer: String(peer ?? '') }, 1);
    },
  });
}
