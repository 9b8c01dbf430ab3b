import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';
import type { Replication } from './replication.ts';

/** One thing that goes wrong, and is right again when it resolves. */
export interface Fault {
  readonly name: string;
  run(cluster: Cluster, replication: Replication, signal: AbortSignal): Promise<void>;
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

/** A node is cut off from the others, in both directions; refused, or without a word. */
function partition(random: Random, node: number): Fault {
  const [ms, silent] = [random.between(300, 2500), random.chance(0.5)];
  return {
    name: `n${String(node)} is cut off for ${String(ms)} ms${silent ? ', silently' : ''}`,
    run: async (cluster, _, signal) => {
      const links = cluster.pairs.filter((pair) => pair.includes(node)).map(([from, to]) => cluster.link(from, to));
      for (const link of links) {
        if (silent) link.silence();
        else link.refuse();
      }
      await wait(ms, signal);
      for (const link of links) link.heal();
    },
  };
}

function oneWay(random: Random, [from, to]: readonly [number, number]): Fault {
  const ms = random.between(300, 2500);
  return {
    name: `n${String(from)} does not reach n${String(to)} for ${String(ms)} ms`,
    run: async (cluster, _, signal) => {
      cluster.link(from, to).refuse();
      await wait(ms, signal);
      cluster.link(from, to).heal();
    },
  };
}

function slow(random: Random, [from, to]: readonly [number, number]): Fault {
  const [ms, delay] = [random.between(500, 2000), random.between(5, 100)];
  return {
    name: `n${String(from)} reaches n${String(to)} ${String(delay)} ms later, for ${String(ms)} ms`,
    run: async (cluster, _, signal) => {
      cluster.link(from, to).slow(delay);
      await wait(ms, signal);
      cluster.link(from, to).heal();
    },
  };
}

const broken = (_: Random, [from, to]: readonly [number, number]): Fault => ({
  name: `connections from n${String(from)} to n${String(to)} break`,
  run: (cluster) => Promise.resolve(cluster.link(from, to).break()),
});

function postmaster(random: Random, node: number): Fault {
  const ms = random.between(0, 1000);
  return {
    name: `SIGKILL of the postmaster of n${String(node)}, down for ${String(ms)} ms`,
    run: async (cluster, _, signal) => {
      const { server } = cluster.node(node);
      await server.kill();
      await wait(ms, signal);
      await server.rise();
    },
  };
}

function replicator(random: Random, node: number): Fault {
  const ms = random.between(0, 1000);
  return {
    name: `the replicator of n${String(node)} is killed, away for ${String(ms)} ms`,
    run: async (_, replication) => {
      await replication.restart?.(node, ms);
    },
  };
}

const backends = (_: Random, node: number): Fault => ({
  name: `all sessions of n${String(node)} are ended`,
  run: async (cluster) => {
    const sql = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    await cluster.query(node, sql);
  },
});

export function randomFault(random: Random, cluster: Cluster): Fault {
  const { number } = random.pick(cluster.nodes);
  const pair = random.pick(cluster.pairs);
  const ofNodes = [partition, partition, postmaster, replicator, replicator, backends];
  const ofLinks = [oneWay, slow, broken];
  return random.chance(0.6) ? random.pick(ofNodes)(random, number) : random.pick(ofLinks)(random, pair);
}

/** One fault after the other until it is told to end; gives what it did. */
export async function makeFaults(
  random: Random,
  cluster: Cluster,
  replication: Replication,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const done: string[] = [];
  while (!signal.aborted) {
    const fault = randomFault(random, cluster);
    done.push(fault.name);
    await fault.run(cluster, replication, signal);
    await wait(random.between(100, 800), signal);
  }
  return done;
}
