import { z } from 'zod';
import { ApiTask } from '../../api/api-task.ts';
import { Identifier, Timestamp } from '../../api/texts.ts';

export const HostDrain = z
  .object({
    state: z.enum(['draining', 'drained', 'incomplete']).meta({
      description:
        '`draining`: its primaries are being led away; `drained`: none is left that could go; `incomplete`: the task failed, as one did not hand over. In each of them nothing new is placed on the host.',
    }),
    since: Timestamp.meta({ description: 'Since when nothing new is placed on it.' }),
    task_id: z.string().meta({ description: 'Task that drains it, or did last.' }),
  })
  .meta({ id: 'HostDrain', description: 'That a host is to be kept free.' });

const about = {
  database_id: z.string().meta({ description: 'Its database.', examples: ['storefront'] }),
  node_name: z.string().meta({ description: 'Its node.', examples: ['n1'] }),
  instance_id: z.string().meta({ description: 'Instance on the host.', examples: ['storefront-n1-689qacsi'] }),
};

const DrainedPrimary = z
  .object({
    ...about,
    to: z.string().optional().meta({ description: 'Instance that takes over; absent: the one that has most.' }),
  })
  .meta({ id: 'DrainedPrimary', description: 'A primary that hands over to a replica on another host.' });

const StayingInstance = z
  .object({
    ...about,
    role: z.enum(['primary', 'replica', 'unknown']).meta({ description: 'What it is now.' }),
    reason: z.string().meta({ description: 'Why it stays, and what to do about it.' }),
  })
  .meta({
    id: 'StayingInstance',
    description: 'An instance that stays on the host: its database names the host itself.',
  });

const parts = {
  moves: z.array(DrainedPrimary).meta({ description: 'Primaries that hand over, one switchover for each.' }),
  stays: z.array(StayingInstance).meta({ description: 'What stays on the host.' }),
};

export const ApiHostDrain = z
  .object({ host_id: Identifier.meta({ description: 'Id of the host.' }), drain: HostDrain.optional(), ...parts })
  .meta({ id: 'GetHostDrainResponse', description: 'What a drain of the host would do now.' });
export type ApiHostDrain = z.output<typeof ApiHostDrain>;

export const DrainHostResponse = z
  .object({
    task: ApiTask,
    switchover_tasks: z.array(ApiTask).meta({ description: 'The switchovers, one for each primary that moves.' }),
    stays: parts.stays,
  })
  .meta({ id: 'DrainHostResponse', description: 'The drain that was accepted.' });
export type DrainHostResponse = z.output<typeof DrainHostResponse>;
