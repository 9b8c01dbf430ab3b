import type { MetricSource } from './core/plugins/metric-source.ts';
import { replicationMetrics } from './postgres/replication-metrics.ts';

/** What `GET /metrics` says beside what it says of the server; a sort of entities is one line here. */
export const METRIC_SOURCES: readonly MetricSource[] = [replicationMetrics];
