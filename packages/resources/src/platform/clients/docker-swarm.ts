import type Docker from 'dockerode';
import { orUndefined, reachDocker } from './docker-calls.ts';
import type { DockerEvents } from './docker-events.ts';
import type { DockerPort } from './ports.ts';

/** A demoted manager leaves the managers' group after moments; its node cannot be removed before. */
const LOOK_AGAIN_MS = 250;

interface Info {
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersStopped: number;
  readonly ContainersPaused: number;
  readonly Swarm?: {
    readonly LocalNodeState?: string;
    readonly ControlAvailable?: boolean;
    readonly Error?: string;
    readonly RemoteManagers?: readonly { readonly Addr: string }[] | null;
  };
}
interface Node {
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Role: 'worker' | 'manager' };
  readonly ManagerStatus?: object | null;
}

/** The engine as part of a swarm. */
export function createDockerSwarm(
  docker: Docker,
  events: DockerEvents,
): Pick<DockerPort, 'engine' | 'swarmEntrance' | 'removeNode'> {
  const info = async (): Promise<Info> => (await reachDocker(docker.info())) as Info;
  return {
    engine: async () => {
      const { Containers, ContainersRunning, ContainersStopped, ContainersPaused, Swarm } = await info();
      return {
        containers: {
          all: Containers,
          running: ContainersRunning,
          stopped: ContainersStopped,
          paused: ContainersPaused,
        },
        swarm: {
          state: Swarm?.LocalNodeState ?? 'inactive',
          controlAvailable: Swarm?.ControlAvailable ?? false,
          error: Swarm?.Error ?? '',
        },
      };
    },
    swarmEntrance: async () => {
      const { Swarm } = await info();
      if (Swarm?.ControlAvailable !== true) return undefined;
      const found = (await reachDocker(docker.swarmInspect())) as { JoinTokens: { Manager: string } };
      const addresses = (Swarm.RemoteManagers ?? []).map(({ Addr }) => Addr).sort();
      return { joinToken: found.JoinTokens.Manager, addresses };
    },
    removeNode: async (nodeId, signal) => {
      for (;;) {
        const node = (await orUndefined(docker.getNode(nodeId).inspect())) as Node | undefined;
        if (!node) return;
        if (node.Spec.Role === 'manager') await demote(docker, nodeId, node);
        else if (!node.ManagerStatus)
          return void (await orUndefined(docker.getNode(nodeId).remove({ force: true }) as Promise<unknown>));
        await events.next((e) => e.Type === 'node', LOOK_AGAIN_MS, signal);
      }
    },
  };
}

/** Somebody else may change the node at the same moment: then it is looked at again. */
async function demote(docker: Docker, nodeId: string, { Version, Spec }: Node): Promise<void> {
  const request = { ...Spec, Role: 'worker', version: Version.Index };
  try {
    await reachDocker(docker.getNode(nodeId).update(request) as Promise<unknown>);
  } catch (err) {
    if (!/out of sequence/.test(String(err))) throw err;
  }
}
