import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expiredAmong, readCertificateEnds, type CertificateEnds } from '@windlass/resources/platform/settings';
import type { HostRecord } from '@windlass/resources/platform/records';
import type { WorkerConfig } from './config.ts';

type Component = HostRecord['components'][string];
type Files = Pick<
  WorkerConfig,
  'WINDLASS_CA_CERT' | 'WINDLASS_CLIENT_CERT' | 'WINDLASS_TEMPORAL_TLS_CERT' | 'WINDLASS_DATA_DIR'
>;

/** Files change once in months: looked at by every report they would be read for nothing. */
const KEPT_MS = 60_000;
const NAMED = 5;

/** When the certificates on this host end: its own, and of its instances the one that ends first. Unhealthy when one has ended. */
export function certificateLooks(config: Files, now: () => Date = () => new Date()): () => Promise<Component> {
  let [read, at]: [Promise<CertificateEnds> | undefined, number] = [undefined, 0];
  return async () => {
    if (read === undefined || now().getTime() - at > KEPT_MS) [read, at] = [readAll(config), now().getTime()];
    return toComponent(await read, now());
  };
}

async function readAll(config: Files): Promise<CertificateEnds> {
  const instances = path.join(config.WINDLASS_DATA_DIR, 'instances');
  const ids = await readdir(instances).catch(() => []); // there is none before the first instance
  return readCertificateEnds({
    ca: config.WINDLASS_CA_CERT,
    client: config.WINDLASS_CLIENT_CERT,
    temporal: config.WINDLASS_TEMPORAL_TLS_CERT,
    ...Object.fromEntries(ids.map((id) => [`instance ${id}`, path.join(instances, id, 'certs', 'server.crt')])),
  });
}

function toComponent(ends: CertificateEnds, now: Date): Component {
  const [first] = Object.entries(ends)
    .filter(([name]) => name.startsWith('instance '))
    .sort(([, a], [, b]) => a.localeCompare(b));
  const own = Object.entries(ends).filter(([name]) => !name.startsWith('instance '));
  const expired = expiredAmong(ends, now);
  const more = expired.length > NAMED ? [`and ${String(expired.length - NAMED)} more`] : [];
  return {
    healthy: expired.length === 0,
    error: [...expired.slice(0, NAMED), ...more].join('; '),
    details: Object.fromEntries([...own, ...(first ? [first] : [])]),
  };
}
