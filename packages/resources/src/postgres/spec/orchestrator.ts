import { z } from 'zod';
import { isCleanPath, text } from '../../api/texts.ts';
import { DEFAULT_PIDS, OTHER_PIDS } from './pids.ts';

/** As many as a kernel gives numbers to where nobody raised that. */
const MAX_PIDS = 32_768;

const CLEAN = { error: 'must be an absolute path without "." or ".." parts' };
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,253}$/;
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$/;
const path = (description: string, example: string) =>
  text(1, 256)
    .refine(isCleanPath, CLEAN)
    .meta({ description, examples: [example] });
const plainText = z
  .string()
  .max(1024)
  .refine((value) => !/\p{Cc}/u.test(value), { error: 'must not contain control characters' });
const networkName = z.string().regex(NAME, { error: 'must be letters, digits, "_", "." and "-"' });

/** True for label prefixes that system labels use, in any case. */
function isReservedLabel(key: string): boolean {
  return /^windlass\./i.test(key) || /^com\.docker\./i.test(key);
}

const LabelKey = z
  .string()
  .refine((key) => !/^pgedge\./i.test(key), { error: 'labels starting with "pgedge." are reserved for system use' })
  .refine((key) => !isReservedLabel(key), {
    error: 'labels starting with "windlass." or "com.docker." are reserved for system use',
  })
  .refine((key) => LABEL.test(key), { error: 'must be letters, digits, ".", "_", "/" and "-"' });

export const ExtraVolume = z
  .strictObject({
    host_path: path('Directory on the host, under a root the operator allows.', '/srv/shared'),
    destination_path: path('Directory in the container.', '/mnt/shared'),
  })
  .meta({ id: 'ExtraVolume', description: 'A bind mount.' });

export const ExtraNetwork = z
  .strictObject({
    id: networkName.meta({ description: 'Name or id of a Swarm network.', examples: ['applications'] }),
    aliases: z
      .array(networkName)
      .max(8)
      .optional()
      .meta({ description: 'Further names in that network.', examples: [['db']] }),
    driver_opts: z
      .record(z.string().regex(LABEL, { error: 'invalid option name' }), plainText)
      .optional()
      .meta({ description: 'Options of the endpoint.', examples: [{ 'com.example.option': '1' }] }),
  })
  .meta({ id: 'ExtraNetwork', description: 'A further network to attach to.' });

export const ContainerSecurity = z
  .strictObject({
    writable_root: z.boolean().optional().meta({
      description:
        'Files of the image may be written to, and not only volumes and `/tmp`: for an extension that keeps files elsewhere.',
    }),
    privilege_escalation: z.boolean().optional().meta({
      description:
        "Programs may gain privileges (setuid, capabilities that Docker gives by default): for a program in an image of one's own.",
    }),
    pids_limit: z
      .int()
      .min(OTHER_PIDS)
      .max(MAX_PIDS)
      .optional()
      .meta({
        description: `Most processes and threads in the container; without it ${String(DEFAULT_PIDS)}, or more where \`max_connections\` needs more.`,
        examples: [DEFAULT_PIDS],
      }),
  })
  .meta({
    id: 'ContainerSecurity',
    description: 'What the container of an instance may do beyond what Postgres needs.',
  });

export const SwarmOpts = z
  .strictObject({
    extra_volumes: z.array(ExtraVolume).max(16).optional().meta({ description: 'Bind mounts.' }),
    extra_networks: z.array(ExtraNetwork).max(8).optional().meta({ description: 'Networks to attach to.' }),
    extra_labels: z
      .record(LabelKey, plainText)
      .optional()
      .meta({ description: 'Labels of the service.', examples: [{ team: 'shop' }] }),
    security: ContainerSecurity.optional().meta({ description: 'What the container may do beyond the least.' }),
    image: z
      .string()
      .refine((image) => image === '' || IMAGE.test(image), {
        error: 'must be an image reference such as "registry/postgres:17"',
      })
      .optional()
      .meta({
        description: 'Image used instead of the default one; empty means the default.',
        examples: ['windlass/postgres:17'],
      }),
  })
  .meta({ id: 'SwarmOpts', description: 'Options of Docker Swarm.' });

export const OrchestratorOpts = z
  .strictObject({ swarm: SwarmOpts.optional() })
  .meta({ id: 'OrchestratorOpts', description: 'Options of what runs the containers.' });
