import { isObject, objectsOf, textOf, type JsonObject, type WindlassClient } from '@windlass/client';
import { bytes, span } from '../output/quantities.ts';
import { lookAtEnds } from './certificates.ts';
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts';

/** Within which clocks may differ: a host's report is too old after ten seconds. */
const OFF_MS = 5000;
const LITTLE_SPACE = 0.15;

/** What the API is asked: whether it answers, who asks, what it stands on, its hosts and its databases. */
export async function lookAtServer(client: WindlassClient): Promise<Finding[]> {
  const reached = await reach(client);
  if (reached.some(({ state }) => state === 'fail')) return reached;
  const login = await lookAtLogin(client);
  if (login.state === 'fail') return [...reached, login];
  const parts = await Promise.all([lookAtReadiness(client), lookAtHosts(client), lookAtDatabases(client)]);
  return [...reached, login, ...parts.flat()];
}

async function reach(client: WindlassClient): Promise<Finding[]> {
  try {
    const asked = Date.now();
    const answer = await client.open('/v1/version', { signal: AbortSignal.timeout(10_000) });
    const took = Date.now() - asked;
    const told: unknown = await answer.json();
    const version = `${textOf(told, 'version') ?? 'unknown'} (${textOf(told, 'revision') ?? 'unknown'})`;
    const offset = Math.round(asked + took / 2 - Date.parse(answer.headers.get('date') ?? '') - 500);
    return [
      ok('api', `${client.baseUrl} answers in ${String(took)} ms, version ${version}`),
      ...(Number.isNaN(offset) ? [] : [lookAtClock(offset)]),
    ];
  } catch (err) {
    return [fail('api', reasonOf(err), 'on its machine: windlass up; from another one: windlass context list, is the URL right?')]; // prettier-ignore
  }
}

/** Of this machine, by the server's `Date`: to within half a second and the way there. */
function lookAtClock(offset: number): Finding {
  if (Math.abs(offset) <= OFF_MS) return ok('clock', "this machine's clock is that of the server");
  return warn('clock', `this machine is ${span(offset / 1000)} ${offset > 0 ? 'ahead of' : 'behind'} the server`, 'set the clock that is wrong, and keep it with NTP'); // prettier-ignore
}

async function lookAtLogin(client: WindlassClient): Promise<Finding> {
  try {
    await client.request('GET', '/v1/cluster');
    return ok('login', 'the server takes it');
  } catch (err) {
    const remedy = isObject(err) ? textOf(err, 'remedy') : undefined;
    return fail('login', reasonOf(err), remedy ?? 'windlass context add NAME --url URL --token-file FILE');
  }
}

const PARTS: Readonly<Record<string, string>> = {
  etcd: 'see that etcd runs: windlass up on its machine; its log is .windlass/log/etcd.log',
  temporal: 'see that Temporal runs: windlass up on its machine; its log is .windlass/log/temporal.log',
  worker: 'start a worker: windlass up, or bin/host start on a control host; its log is .windlass/log/worker.log',
  store: 'wait for the upgrade to end',
  certificates: 'make a new one of the same authority, and restart what uses it',
  docker: 'start the Docker engine there (systemctl start docker, or bin/host start), and see docker info',
  swarm: 'let the engine into the swarm again: bin/host start there',
  disk: 'make room on the disk of its data: old files of others, backups on the same disk, windlass describe of its databases',
  clock: 'set its clock, and keep it with NTP (timedatectl set-ntp true)',
  firewall:
    'install iptables and iproute2 there, and run its worker as root or with CAP_NET_ADMIN; docs/hosts.md says what does not hold without',
};
const fixOf = (part: string): string => PARTS[part] ?? 'docs/operations.md';

async function lookAtReadiness(client: WindlassClient): Promise<Finding[]> {
  const told = await client.request('GET', '/readyz', { accept: [503] });
  return objectsOf(told, 'checks').flatMap((check) => {
    const name = textOf(check, 'name') ?? 'unknown';
    const details = check['details'];
    if (name === 'certificates' && isObject(details)) return lookAtEnds('server', details);
    if (name === 'clock') return lookAtPart('server', name, check);
    if (check['healthy'] === true) return [ok(name, 'answers the server')];
    return [fail(name, textOf(check, 'error') ?? 'is not ready', fixOf(name))];
  });
}

async function lookAtHosts(client: WindlassClient): Promise<Finding[]> {
  const hosts = objectsOf(await client.request('GET', '/v1/hosts'), 'hosts');
  if (hosts.length === 0) return [fail('hosts', 'there is none', 'windlass host join prints the line for a machine')];
  return [...hosts.flatMap(lookAtHost), ...lookAtVersions(hosts)];
}

function lookAtHost(host: JsonObject): Finding[] {
  const name = `host ${textOf(host, 'id') ?? ''}`;
  const state = textOf(host['status'], 'state');
  if (state === 'unreachable')
    return [fail(name, `no sign of life since ${textOf(host['status'], 'updated_at') ?? 'ever'}`, 'bin/host start there (windlass up where bin/up ran); for good: windlass host remove')]; // prettier-ignore
  const components = isObject(host['status']) ? host['status']['components'] : undefined;
  const found = isObject(components) ? Object.entries(components) : [];
  return [ok(name, `reports, and is ${state ?? 'unknown'}`), ...lookAtDrain(name, host), ...found.flatMap(([part, one]) => lookAtPart(name, part, one))];
} // prettier-ignore

function lookAtDrain(name: string, { id, drain }: JsonObject): Finding[] {
  const state = textOf(drain, 'state');
  if (state === undefined || state === 'draining') return [];
  const says = `${state} since ${textOf(drain, 'since') ?? ''}: nothing new is placed on it`;
  const fix = `when its work is done: windlass host resume ${String(id)}`;
  return [warn(`${name}: drain`, says, state === 'drained' ? fix : `windlass host drain ${String(id)}; ${fix}`)];
}

function lookAtPart(host: string, part: string, one: unknown): Finding[] {
  if (!isObject(one)) return [];
  const what = `${host}: ${part}`;
  const details: JsonObject = isObject(one['details']) ? one['details'] : {};
  if (part === 'certificates' && Object.keys(details).length > 0) return lookAtEnds(host, details);
  if (one['healthy'] !== true) {
    const error = textOf(one, 'error') ?? 'is not well';
    return [fail(what, error, fixOf(part === 'docker' && error.includes('swarm') ? 'swarm' : part))];
  }
  const number = (field: string) => (typeof details[field] === 'number' ? details[field] : undefined);
  const [free, total, offset, ms] = ['free_bytes', 'total_bytes', 'offset_ms', 'answer_ms'].map(number);
  if (free !== undefined && total !== undefined) {
    const says = `${bytes(free)} of ${bytes(total)} are free`;
    return [free / total < LITTLE_SPACE ? warn(what, says, fixOf('disk')) : ok(what, says)];
  }
  if (part === 'clock') return [offset === undefined ? warn(what, `is not known: ${textOf(details, 'not_known') ?? 'it was not measured'}`, fixOf('etcd')) : ok(what, `within ${span(Math.ceil(Math.abs(offset) / 1000))} of that of etcd`)]; // prettier-ignore
  const swarm = textOf(details, 'swarm.local_node_state');
  if (swarm !== undefined) return [ok(what, `answers, ${String(details['containers_running'] ?? 0)} containers run`), ok(`${host}: swarm`, swarm)]; // prettier-ignore
  return [ok(what, ms === undefined ? 'answers' : `answers in ${String(ms)} ms`)];
}

/** Hosts with other images than the rest run what the others cannot take over. */
function lookAtVersions(hosts: readonly JsonObject[]): Finding[] {
  const of = (host: JsonObject): string =>
    objectsOf(host, 'supported_pgedge_versions').map((one) => textOf(one, 'postgres_version') ?? '').sort().join(', '); // prettier-ignore
  const [most = ''] = hosts.map(of);
  const others = hosts.filter((host) => of(host) !== most);
  if (others.length === 0) return [ok('versions', `every host has Postgres ${most || 'of no version'}`)];
  const says = hosts.map((host) => `${textOf(host, 'id') ?? ''} has ${of(host) || 'none'}`).join('; ');
  return [warn('versions', says, 'build the same images on every host: bin/up or bin/host start with WINDLASS_POSTGRES_MAJORS')]; // prettier-ignore
}

async function lookAtDatabases(client: WindlassClient): Promise<Finding[]> {
  const all = objectsOf(await client.request('GET', '/v1/databases'), 'databases');
  const bad = all.filter((one) => ['failed', 'degraded', 'unknown'].includes(textOf(one, 'state') ?? ''));
  const fine = all.length - bad.length;
  return [
    ...(fine > 0 || all.length === 0 ? [ok('databases', `${String(fine)} are well`)] : []),
    ...bad.map((one) => warn(`database ${textOf(one, 'id') ?? ''}`, textOf(one, 'state') ?? '', `windlass describe database ${textOf(one, 'id') ?? ''}`)), // prettier-ignore
  ];
}
