import type { Registry } from 'prom-client';
import type { ServerDeps } from '../deps.ts';

/** Puts what `GET /metrics` says of a sort of entities into the registry; it is asked for at each scrape. */
export type MetricSource = (deps: ServerDeps, registry: Registry) => void;
