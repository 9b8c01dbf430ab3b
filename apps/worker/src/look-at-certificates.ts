import { expiredAmong, readCertificateEnds, type CertificateEnds } from '@windlass/resources/platform/settings';
import type { LeafBook } from '@windlass/resources/platform/leaves';
import type { HostRecord } from '@windlass/resources/platform/records';
import type { WorkerConfig } from './config.ts';

type Component = HostRecord['components'][string];
type Files = Pick<WorkerConfig, 'WINDLASS_CA_CERT' | 'WINDLASS_TEMPORAL_TLS_CERT'>;

/** Files that nobody renews change once in years: looked at by every report they would be read for nothing. */
const KEPT_MS = 60_000;
const NAMED = 5;

/** When the certificates on this host end: those that its worker looks after, the authority's, and the one for Temporal. Unhealthy when one has ended. */
export function certificateLooks(
  config: Files,
  leaves: Pick<LeafBook, 'ends' | 'ended'>,
  now: () => Date = () => new Date(),
): () => Promise<Component> {
  let [read, at]: [Promise<CertificateEnds> | undefined, number] = [undefined, 0];
  return async () => {
    if (read === undefined || now().getTime() - at > KEPT_MS) [read, at] = [readAll(config), now().getTime()];
    const files = await read;
    const ended = [...expiredAmong(files, now()), ...leaves.ended(now().getTime())];
    const more = ended.length > NAMED ? [`and ${String(ended.length - NAMED)} more`] : [];
    return {
      healthy: ended.length === 0,
      error: [...ended.slice(0, NAMED), ...more].join('; '),
      details: { ...files, ...leaves.ends() },
    };
  };
}

const readAll = (config: Files): Promise<CertificateEnds> =>
  readCertificateEnds({ ca: config.WINDLASS_CA_CERT, temporal: config.WINDLASS_TEMPORAL_TLS_CERT });
