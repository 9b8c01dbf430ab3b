import { z } from 'zod';
import { defineResource } from './define.ts';

/** A published port of a host: the one asked for, or for 0 a free one that stays the same. */
export const hostPort = defineResource({
  kind: 'host.port',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string(), port: z.int().min(0).max(65535) }),
  status: z.strictObject({ port: z.int() }),
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),
  deletableAt: 'any',

  async refresh(prior, { clients }) {
    const { hostId, instanceId } = prior.spec;
    const port = prior.status?.port ?? prior.spec.port;
    const holder = await clients.ports.reservedBy(hostId, port);
    return holder === instanceId ? { status: { port }, drift: [] } : undefined;
  },
  async create(spec, { clients }) {
    return { port: await clients.ports.reserve(spec.hostId, spec.port, spec.instanceId) };
  },
  async update(spec, prior, { clients }) {
    const port = await clients.ports.reserve(spec.hostId, spec.port, spec.instanceId);
    const before = prior.status?.port;
    if (before !== undefined && before !== port)
      await clients.ports.release(prior.spec.hostId, before, spec.instanceId);
    return { port };
  },
  async delete(prior, { clients }) {
    const port = prior.status?.port ?? prior.spec.port;
    await clients.ports.release(prior.spec.hostId, port, prior.spec.instanceId);
  },
});
