import type Docker from 'dockerode';
import type { ServiceRequest } from './ports.ts';

const SECOND = 1_000_000_000;
const MS = 1_000_000;

/**
 * A text as Swarm takes it where it expands templates (names of hosts, environment, mounts): what looks like one is none. Else a path of a
 * user would lead elsewhere than it was allowed to, and a name of a database would arrive as another one, or never.
 */
const literally = (text: string): string => text.replaceAll('{{', '{{"{{"}}');

/** Our request as Swarm wants it: pinned to one node, reached by name without a virtual IP, ports on the host itself. */
export function toServiceSpec(request: ServiceRequest): Docker.CreateServiceOptions {
  const limits = {
    ...(request.nanoCpus !== undefined && { NanoCPUs: request.nanoCpus }),
    ...(request.memoryBytes !== undefined && { MemoryBytes: request.memoryBytes }),
    ...(request.pidsLimit !== undefined && { Pids: request.pidsLimit }),
  };
  return {
    Name: request.name,
    Labels: { ...request.labels },
    TaskTemplate: {
      ContainerSpec: {
        Image: request.image,
        Hostname: literally(request.hostname),
        Labels: { ...request.containerLabels },
        ...(request.command && { Command: [...request.command] }),
        ...(request.env && { Env: Object.entries(request.env).map(([name, value]) => literally(`${name}=${value}`)) }),
        ...(request.readOnly && { ReadOnly: true }),
        ...(request.dropCapabilities && { CapabilityDrop: ['ALL'] }),
        StopGracePeriod: request.stopGraceSeconds * SECOND,
        Mounts: [
          ...request.mounts.map((m) => ({
            Type: 'bind',
            Source: literally(m.source),
            Target: literally(m.target),
            ReadOnly: m.readOnly,
          })),
          ...(request.tmpfs ?? []).map((m) => ({
            Type: 'tmpfs',
            Target: m.target,
            TmpfsOptions: { SizeBytes: m.bytes },
          })),
        ],
      },
      Placement: { Constraints: [`node.id==${request.swarmNodeId}`] },
      RestartPolicy: {
        Condition: 'any',
        Delay: request.restartDelayMs === undefined ? SECOND : request.restartDelayMs * MS,
      },
      Resources: { Limits: limits },
      Networks: request.networks.map((n) => ({
        Target: n.target,
        ...(n.aliases && { Aliases: [...n.aliases] }),
        ...(n.driverOpts && { DriverOpts: { ...n.driverOpts } }),
      })),
    },
    Mode: { Replicated: { Replicas: request.replicas } },
    UpdateConfig: { Parallelism: 1, Order: 'stop-first', FailureAction: 'continue' },
    EndpointSpec: {
      Mode: 'dnsrr',
      Ports: request.publish.map((p) => ({
        Protocol: 'tcp',
        PublishMode: 'host',
        PublishedPort: p.published,
        TargetPort: p.target,
      })),
    },
  } as unknown as Docker.CreateServiceOptions;
}
