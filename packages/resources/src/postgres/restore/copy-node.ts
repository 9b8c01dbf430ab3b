import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { memberName, REPLICATOR_ROLE, SYSTEM_REPLICATOR } from '../inside/system-names.ts';
import { scopeOf } from '../inside/with-primary.ts';
import { replicatorPath } from '../kinds/replication-certificates.ts';
import { prepareWork } from './prepare-work.ts';
import { recoverCopy } from './recover-copy.ts';
import { lastFault, restoreFailed, restorePaths, runScript } from './restore-place.ts';
import type { RestorePlace } from './restore-wish.ts';

export interface CopiedPeer {
  readonly number: number;
  readonly name: string;
  /** `host:port` of each of its instances, in the network of the database. */
  readonly hosts: readonly string[];
}

/** Which node a new one begins as a copy of. */
export interface NodeCopy {
  readonly number: number;
  readonly name: string;
  readonly databaseName: string;
  /** The node that is copied, by its number. */
  readonly source: number;
  /** All nodes that were there before, that one too: the new one reads from each of them from now on. */
  readonly there: readonly CopiedPeer[];
  /** All other nodes. */
  readonly peers: readonly { readonly number: number; readonly name: string }[];
}

/** For how long a node may be without a primary, in s. */
const ANSWER_LIMIT_S = 60;
/** For how long transactions of a node may keep a slot from being made. A statement whose client is gone ends. */
const OPTIONS = '-c statement_timeout=600s -c client_connection_check_interval=1s';
/** For how long the source may take to apply what the others wrote, in s. */
const APPLY_LIMIT_S = 300;
/** A certificate that is thrown away with the work. */
const DAYS = 2;

/**
 * Makes the data of a new node: a copy of a node that runs, made over the network of the database, recovered to an exact position, with a number of its
 * own and the slots of its peers, before anybody can write to it. Safe to repeat at any moment.
 */
export async function copyNode(clients: Clients, place: RestorePlace, node: NodeCopy, run: Run): Promise<string> {
  const { copy, work } = restorePaths(place);
  const { files } = clients;
  await writeAccess(clients, place, node);
  run.progress('making the slots of the new node');
  await script(clients, place, 'join', run);
  run.progress('copying the data');
  await script(clients, place, 'base-backup', run);
  const { number, name, peers, source, databaseName } = node;
  const until = ((await files.read(`${work}/until`)) ?? '').trim();
  let lsn = '';
  const aims = { sourceName: databaseName, databaseName, foreign: false };
  const ofNode = async (directory: string, signal: AbortSignal): Promise<void> => {
    run.progress('making a node of its own of the copy');
    const at = { directory, database: databaseName, signal };
    ({ lsn } = await clients.replication.beginAsCopy(at, { number, name, peers, source, until }));
  };
  await recoverCopy(
    clients,
    place,
    { data: copy, aims, target: { type: 'immediate' }, timeline: 'current', ofNode },
    run,
  );
  return lsn;
}

/** The copy will not be: nothing is left of it at the other nodes, as far as they are reached. */
export async function giveUpCopy(clients: Clients, place: RestorePlace, signal: AbortSignal): Promise<void> {
  const { work } = restorePaths(place);
  if ((await clients.files.read(`${work}/services`)) === undefined) return; // nothing was begun
  await runScript(clients, place, 'give-up', [], { signal, apart: true });
}

async function script(clients: Clients, place: RestorePlace, name: string, { signal, progress }: Run): Promise<void> {
  const onOutput = (text: string): void => progress(text.trim().split('\n').at(-1) ?? '');
  const result = await runScript(clients, place, name, [], { signal, onOutput, apart: true });
  if (result.exitCode !== 0) throw restoreFailed(`the node cannot be copied: ${lastFault(result)}`);
}

/** Writes who is reached how, and with which certificates: the replicator's, and one of a member of the source, for its files. */
async function writeAccess(clients: Clients, place: RestorePlace, node: NodeCopy): Promise<void> {
  const { work, workInside, copy } = restorePaths(place);
  const { files, certificates } = clients;
  await prepareWork(clients, place, { data: copy, ofNode: true });
  await files.ensureDirectory(`${work}/certs`, 0o700);
  const source = node.there.find(({ number }) => number === node.source);
  if (!source) throw restoreFailed(`the node it was to be a copy of is not there any more: remove it and add it again`);
  const commonName = memberName(scopeOf(place.databaseId, source.name));
  const member = await certificates.issue({ commonName, names: [], days: DAYS, databaseId: place.databaseId });
  const own = replicatorPath(place.instanceId);
  const texts = {
    'certs/ca.crt': await certificates.caPem(),
    'certs/base.crt': member.certPem,
    'certs/base.key': member.keyPem,
    'certs/node.crt': (await files.read(`${own}/certs/replicator.crt`)) ?? '',
    'certs/node.key': (await files.read(`${own}/certs/replicator.key`)) ?? '',
    services: servicesOf(node, source, `${workInside}/certs`),
    node: factsOf(node),
  };
  for (const [name, text] of Object.entries(texts)) await files.write(`${work}/${name}`, text);
}

/** A file of services has no quotes: what a database is called, which may end with a blank, is said with each connection. */
function servicesOf(node: NodeCopy, source: CopiedPeer, certs: string): string {
  const section = (name: string, { hosts }: CopiedPeer, user: string, cert: string): string => {
    const [names, ports] = [0, 1].map((part) => hosts.map((one) => one.split(':')[part] ?? '').join(','));
    const options = {
      ...{ host: names, port: ports, user, target_session_attrs: 'read-write' },
      ...{ sslmode: 'verify-full', sslrootcert: `${certs}/ca.crt` },
      ...{ sslcert: `${certs}/${cert}.crt`, sslkey: `${certs}/${cert}.key` },
      ...{ connect_timeout: '5', options: OPTIONS, application_name: `windlass copy n${String(node.number)}` },
    };
    return `[${name}]\n${Object.entries(options).map(([key, value]) => `${key}=${value ?? ''}\n`).join('')}`; // prettier-ignore
  };
  const nodes = node.there.map((one) => section(String(one.number), one, REPLICATOR_ROLE, 'node'));
  return [...nodes, section('base', source, SYSTEM_REPLICATOR, 'base')].join('');
}

/** A value as libpq reads it where options stand in one text, and a word as the shell reads it. */
const connectionValue = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Read by the shell: numbers, names of nodes, which are plain words, and the database, which is called as its owner likes. */
function factsOf({ number, source, there, databaseName }: NodeCopy): string {
  const facts = {
    ...{ NUMBER: number, SOURCE: source, THERE: there.map((one) => one.number).join(' ') },
    ...{ ANSWER_LIMIT: ANSWER_LIMIT_S, APPLY_LIMIT: APPLY_LIMIT_S, DATABASE: connectionValue(databaseName) },
  };
  const names = there.map((one) => `${String(one.number)}) echo "node '${one.name}'" ;;`).join(' ');
  const lines = Object.entries(facts).map(([name, value]) => `${name}=${word(String(value))}\n`);
  return `${lines.join('')}name() { case $1 in ${names} esac; }\n`;
}
