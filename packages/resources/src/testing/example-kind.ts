import { z } from 'zod';
import { defineResource } from '../postgres/kinds/define.ts';
import { directories, instancePath } from '../postgres/kinds/directories.ts';

/** A note in an instance's directory: the smallest kind that is complete. */
export const note = defineResource({
  kind: 'example.note',
  version: 1,
  spec: z.strictObject({ instanceId: z.string(), hostId: z.string(), text: z.string() }),
  status: z.strictObject({ path: z.string() }),
  immutable: ['instanceId'],
  id: (spec) => spec.instanceId,
  executor: (spec) => ({ on: 'host', hostId: spec.hostId }),
  dependsOn: (spec) => [{ ref: directories.ref(spec.instanceId) }],
  within: (spec) => directories.ref(spec.instanceId),

  async refresh(prior, { clients }) {
    const path = fileOf(prior.spec.instanceId);
    const found = await clients.files.read(path);
    if (found === undefined) return undefined;
    return { status: { path }, drift: found === prior.spec.text ? [] : ['text'] };
  },
  async create(spec, { clients }) {
    const path = fileOf(spec.instanceId);
    if ((await clients.files.read(path)) !== spec.text) await clients.files.write(path, spec.text);
    return { path };
  },
  async update(spec, _prior, { clients }) {
    const path = fileOf(spec.instanceId);
    await clients.files.write(path, spec.text);
    return { path };
  },
  async delete(prior, { clients }) {
    await clients.files.removeTree(fileOf(prior.spec.instanceId));
  },
});

const fileOf = (instanceId: string): string => `${instancePath(instanceId)}/config/note.txt`;
