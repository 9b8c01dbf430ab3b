import type Docker from 'dockerode';
import { reachDocker } from './docker-calls.ts';
import type { DockerEvents } from './docker-events.ts';
import type { DockerPort } from './ports.ts';

/** Docker's own network of this engine, with the address of the machine on it. */
const BRIDGE = 'bridge';
const DEVICE = 'com.docker.network.bridge.name';

/** Docker's types know little of what a network tells. */
interface InspectedBridge {
  readonly EnableIPv6?: boolean;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Containers?: Readonly<
    Record<string, { readonly IPv4Address?: string; readonly MacAddress?: string }>
  > | null;
}

export function createDockerBridge(docker: Docker, events: DockerEvents): Pick<DockerPort, 'bridge' | 'onBridged'> {
  return {
    bridge: async () => {
      const [network, all] = await Promise.all([
        reachDocker(docker.getNetwork(BRIDGE).inspect() as Promise<InspectedBridge>),
        reachDocker(docker.listContainers({ all: true })),
      ]);
      const places = network.Containers ?? {};
      const containers = all.flatMap(({ Id, Labels, Mounts }) => {
        const { IPv4Address = '', MacAddress = '' } = places[Id] ?? {};
        if (IPv4Address === '') return [];
        const mounts = Mounts.map(({ Source }) => Source);
        return [{ id: Id, address: IPv4Address.replace(/\/\d+$/, ''), mac: MacAddress, labels: Labels, mounts }];
      });
      return { device: network.Options?.[DEVICE] ?? 'docker0', ipv6: network.EnableIPv6 ?? false, containers };
    },
    onBridged: (listener) =>
      events.subscribe(({ Type, Action, Actor }) => {
        if (Type === 'network' && Action === 'connect' && Actor?.Attributes?.['name'] === BRIDGE) listener();
      }),
  };
}
