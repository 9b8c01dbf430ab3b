import { setTimeout as sleep } from 'node:timers/promises';
import { done } from '../client.ts';
import { change, type Member, type Shape } from '../lab/cluster.ts';
import { lab, onHost, running } from '../lab/lab.ts';
import { until } from '../stack.ts';
import type { Random } from './random.ts';

/** What is drawn for one round: the fault's target and how long it lasts. */
interface Draw {
  readonly id: string;
  readonly host: string;
  readonly holdMs: number;
  readonly random: Random;
  readonly shape: Shape;
}
interface Harm {
  /** `primary`: always there where the primary is; `any`: a host that is drawn. */
  readonly at: 'primary' | 'any';
  readonly does: (draw: Draw) => Promise<unknown>;
}

const onIt = ({ id, host }: Draw, script: (container: string) => string): Promise<string> =>
  onHost(host, script(running(id)));
const withLab = (...verb: string[]): Harm['does'] => {
  const [name = '', ...rest] = verb;
  return async ({ host, holdMs }) => {
    await lab(name, host, ...rest);
    await sleep(holdMs);
  };
};
const control = (name: string): Harm['does'] => {
  return async ({ holdMs }) => {
    await lab('control', 'kill', name);
    await sleep(Math.min(holdMs, 15_000));
    await lab('control', 'start', name);
  };
};
const frozen = async (draw: Draw): Promise<void> => {
  const patroni = (signal: string) => (container: string) =>
    `docker exec ${container} pkill ${signal} -f windlass-patroni`;
  await onIt(draw, patroni('-STOP'));
  await sleep(draw.holdMs);
  await onIt(draw, patroni('-CONT')).catch(() => undefined); // its container may have been replaced
};
const drawSetting = ({ shape, random }: Draw): Shape => ({
  ...shape,
  settings: { work_mem: `${String(random.between(4, 64))}MB` },
});

/** Kills the replicator beside the instance of a host. */
const replicatorKilled: Harm['does'] = ({ id, host }) =>
  onHost(
    host,
    `docker kill $(docker ps -q --filter label=pgedge.database.id=${id} --filter label=pgedge.component=replicator)`,
  );

/** Everything that can happen to a database of several nodes, one on each host, by name. */
export const HARMS_OF_NODES: readonly string[] = [
  ...[
    'container of any member killed',
    'container removed',
    'postmaster killed',
    'Patroni frozen',
    'replicator killed',
  ],
  ...['host killed', 'host frozen', 'host cut off', 'cut off from control', 'cut off from the other hosts'],
  ...['slow and lossy network', 'worker killed', 'worker away', 'etcd killed', 'Temporal killed', 'API server killed'],
];

/** Everything that can happen, by name. Each is undone by `lab heal all` where it does not end by itself. */
export const HARMS: Readonly<Record<string, Harm>> = {
  'container killed': { at: 'primary', does: (draw) => onIt(draw, (c) => `docker kill ${c}`) },
  'container of any member killed': { at: 'any', does: (draw) => onIt(draw, (c) => `docker kill ${c}`) },
  'container removed': { at: 'any', does: (draw) => onIt(draw, (c) => `docker rm -f ${c}`) },
  'postmaster killed': {
    at: 'primary',
    does: (draw) =>
      onIt(draw, (c) => `docker exec ${c} sh -c 'kill -9 $(head -n 1 /windlass/data/pgdata/postmaster.pid)'`),
  },
  'Patroni frozen': { at: 'primary', does: frozen },
  'replicator killed': { at: 'any', does: replicatorKilled },
  'host killed': { at: 'any', does: withLab('kill') },
  'host of the primary killed': { at: 'primary', does: withLab('kill') },
  'host frozen': { at: 'any', does: withLab('freeze') },
  'host cut off': { at: 'any', does: withLab('partition') },
  'host of the primary cut off': { at: 'primary', does: withLab('partition') },
  'cut off from control': { at: 'any', does: withLab('partition', 'control') },
  'cut off from the other hosts': { at: 'primary', does: withLab('partition', 'hosts') },
  'slow and lossy network': { at: 'any', does: withLab('degrade') },
  'worker killed': { at: 'any', does: withLab('worker', 'kill') },
  'worker away': { at: 'any', does: withLab('worker', 'stop') },
  'etcd killed': { at: 'any', does: control('etcd') },
  'Temporal killed': { at: 'any', does: control('temporal') },
  'API server killed': { at: 'any', does: control('server') },
  switchover: {
    at: 'primary',
    does: ({ id }) => done(id, 'POST', `/v1/databases/${id}/nodes/n1/switchover`, {}),
  },
  'update while the primary is killed': {
    at: 'primary',
    does: (draw) => Promise.all([change(draw.id, drawSetting(draw)), onIt(draw, (c) => `docker kill ${c}`)]),
  },
  'update while a host is away': {
    at: 'any',
    does: async (draw) => {
      await lab('kill', draw.host);
      await change(draw.id, drawSetting(draw));
    },
  },
};

/** Everything that can happen to one node with replicas. */
export const HARMS_OF_MEMBERS: readonly string[] = Object.keys(HARMS).filter((name) => name !== 'replicator killed');

/** `primary`: where one of the database is. */
export type DrawnFault = (primary: Pick<Member, 'host'>) => Promise<void>;

/** A fault of the round: does it, heals everything, ends when control plane and hosts answer. */
export function drawFault(
  name: string,
  id: string,
  hosts: readonly string[],
  shape: Shape,
  random: Random,
): DrawnFault {
  const harm = HARMS[name] as Harm;
  const [drawn, holdMs] = [random.pick(hosts), random.between(1000, 35_000)];
  return async (primary) => {
    const host = harm.at === 'primary' ? primary.host : drawn;
    try {
      await harm.does({ id, host, holdMs, random, shape });
    } finally {
      await until('the lab to be healed', () => lab('heal', 'all').then(() => true), 120_000);
    }
  };
}
