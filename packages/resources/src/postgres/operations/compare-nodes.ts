import { z } from 'zod';
import type { Clients, ExecResult } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { DomainError } from '../../errors/index.ts';
import { REPLICATOR_ROLE } from '../inside/system-names.ts';
import { replicatorPath } from '../kinds/replication-certificates.ts';
import { compareResult, type CompareResult } from '../spec/compare-result.ts';

/** Beside whose replicator it is done, with what that knows. */
export interface ComparePlace {
  readonly databaseId: string;
  readonly instanceId: string;
  readonly imageId: string;
  readonly networkName: string;
  readonly databaseName: string;
  readonly nodes: readonly ReplicatedNode[];
}
export interface ReplicatedNode {
  readonly number: number;
  readonly name: string;
  /** `host:port` of each of its instances, in the network of the database. */
  readonly hosts: readonly string[];
}

export interface CompareWish {
  /** `schema.name`; absent: all. */
  readonly tables?: readonly string[];
  /** The node that is right where rows differ; absent: nothing is repaired. */
  readonly repairFrom?: string;
}

const CERTS = '/windlass/certs';
const LINE = z.object({
  progress: z.string().optional(),
  result: compareResult.optional(),
  error: z.string().optional(),
});

/**
 * Compares the tables of all nodes of a database, in a container of its own in the network of the database with the certificate of the replicator
 * beside an instance of this host: a worker reaches only instances of its own host. Rejects `compare_failed`.
 */
export async function compareNodes(
  { docker, files }: Pick<Clients, 'docker' | 'files'>,
  place: ComparePlace,
  wish: CompareWish,
  { signal, progress }: Run,
): Promise<CompareResult> {
  const lines = new Lines((line) => {
    if (line.progress !== undefined) progress(line.progress);
  });
  const result = await docker.run({
    name: `windlass-compare-${place.databaseId}`,
    image: place.imageId,
    labels: { 'windlass.managed': 'true', 'windlass.compare': place.databaseId },
    mounts: [{ source: files.absolute(`${replicatorPath(place.instanceId)}/certs`), target: CERTS, readOnly: true }],
    networks: [place.networkName],
    command: ['node', '/app/compare.mjs', JSON.stringify(argumentOf(place, wish))],
    onOutput: (text) => lines.take(text),
    signal,
  });
  return resultOf(result);
}

function argumentOf({ databaseName, nodes }: ComparePlace, { tables, repairFrom }: CompareWish): object {
  const from = nodes.find(({ name }) => name === repairFrom);
  return {
    ...{ database: databaseName, user: REPLICATOR_ROLE },
    nodes: nodes.map(({ hosts, ...node }) => ({ ...node, hosts: hosts.map(addressOf) })),
    ...(tables && { tables }),
    ...(from && { repairFrom: from.number }),
    tls: { ca: `${CERTS}/ca.crt`, cert: `${CERTS}/replicator.crt`, key: `${CERTS}/replicator.key` },
  };
}

function addressOf(text: string): { host: string; port: number } {
  const [host = '', port = ''] = text.split(':');
  return { host, port: Number(port) };
}

function resultOf({ exitCode, stdout, stderr }: ExecResult): CompareResult {
  const last = stdout.trim().split('\n').map(parseLine).findLast((line) => line?.result ?? line?.error); // prettier-ignore
  if (exitCode === 0 && last?.result) return last.result;
  const said = last?.error ?? (stderr.trim().slice(-300) || 'it said nothing');
  throw new DomainError('compare_failed', `the nodes could not be compared: ${said}`);
}

type Line = z.output<typeof LINE>;

function parseLine(text: string): Line | undefined {
  try {
    return LINE.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // half a line, or a warning of Node's
  }
}

/** Whole lines of what comes in pieces. */
class Lines {
  readonly #onLine: (line: Line) => void;
  #rest = '';

  constructor(onLine: (line: Line) => void) {
    this.#onLine = onLine;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines.map(parseLine)) if (line) this.#onLine(line);
  }
}
