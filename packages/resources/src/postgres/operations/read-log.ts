import type { Clients } from '../clients/ports.ts';
import { withoutSecrets } from '../inside/without-secrets.ts';
import { serviceOf } from '../inside/with-primary.ts';

export interface InstanceLogQuery {
  /** Written at this time or later, RFC 3339 in UTC. */
  readonly since?: string;
  /** Only what comes after the line of this time. */
  readonly after?: string;
  /** So many lines, the newest. */
  readonly most: number;
}

export interface InstanceLog {
  readonly lines: readonly InstanceLogLine[];
  /** There are older ones that fit the question and were left out. */
  readonly cut: boolean;
}
export interface InstanceLogLine {
  /** RFC 3339 in UTC, with nine digits of a second. */
  readonly at: string;
  readonly text: string;
}

/** A line is cut here, and of all the newest are kept until this: the answer goes through Temporal, which takes 2 MB. */
const MOST_OF_LINE = 4000;
const MOST_OF_ALL = 500_000;

/** What Postgres and Patroni of an instance of this host wrote, without the passwords that can be told; its last container's alone. */
export async function readInstanceLog(
  { docker }: Pick<Clients, 'docker'>,
  instanceId: string,
  { most, ...query }: InstanceLogQuery,
): Promise<InstanceLog> {
  const container = await docker.serviceContainer(serviceOf(instanceId));
  if (!container) return { lines: [], cut: false };
  const found = await docker.logLines(container.id, { ...query, most: most + 1 });
  const texts = withoutSecrets(found.map(({ text }) => text).join('\n')).split('\n');
  const lines: InstanceLogLine[] = [];
  let size = 0;
  for (let at = found.length - 1; at >= 0 && lines.length < most; at -= 1) {
    const text = (texts[at] ?? '').slice(0, MOST_OF_LINE);
    size += text.length + 40;
    if (size > MOST_OF_ALL) break;
    lines.unshift({ at: found[at]?.at ?? '', text });
  }
  return { lines, cut: lines.length < found.length };
}
