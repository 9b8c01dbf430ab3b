import { z } from 'zod';
import type { NodeRestores, OneBackup, OneInstance, TaskInputs } from './task-inputs.ts';
import type { OutboxTask } from './traits.ts';

const nodeName = z.string();
const scheduledAt = z.string().exactOptional();
const texts = z.record(z.string(), z.string());
const nothing = z.object({});
const oneInstance: z.ZodType<OneInstance> = z.object({ nodeName, instanceId: z.string(), hostId: z.string() });
const oneBackup: z.ZodType<OneBackup> = z.object({ nodeName, label: z.string(), repository: z.number() });
const restores: z.ZodType<NodeRestores> = z.object({
  parts: z.array(z.object({ nodeName, taskId: z.string() })),
  keepHours: z.number(),
  remade: z.array(z.string()).exactOptional(),
});

/** How what a task was asked is read back, by its type. */
export const INPUTS: { readonly [T in OutboxTask]: z.ZodType<TaskInputs[T]> } = {
  create: nothing,
  update: z.object({
    force: z.boolean().exactOptional(),
    goneHosts: z.array(z.string()).exactOptional(),
    leavingHosts: z.array(z.string()).exactOptional(),
    remade: z.array(z.string()).exactOptional(),
  }),
  delete: z.object({ purgeBackups: z.boolean().exactOptional() }),
  upgrade: z.object({ image: z.string() }),
  switchover: z.object({ nodeName, candidate: z.string().exactOptional(), scheduledAt }),
  failover: z.object({
    nodeName,
    candidate: z.string().exactOptional(),
    skipValidation: z.boolean().exactOptional(),
  }),
  restart_instance: z.object({ nodeName, instanceId: z.string(), scheduledAt }),
  stop_instance: oneInstance,
  start_instance: oneInstance,
  remove_host: nothing,
  node_backup: z.object({
    nodeName,
    type: z.enum(['full', 'diff', 'incr']),
    annotations: texts,
    options: texts,
    repository: z.number().exactOptional(),
    standby: z.enum(['required', 'preferred']).exactOptional(),
  }),
  delete_backup: oneBackup,
  verify_backup: oneBackup,
  restore: restores,
  undo_restore: restores,
  skip_transaction: z.object({ nodeName, peer: z.string(), lsn: z.string() }),
  compare_nodes: z.object({
    nodeName,
    tables: z.array(z.string()).exactOptional(),
    repairFrom: z.string().exactOptional(),
  }),
  drain_host: nothing,
};

/** Whether it is the type of a task that is a workflow of its own. */
export const isOutboxTask = (type: string): type is OutboxTask => Object.hasOwn(INPUTS, type);
