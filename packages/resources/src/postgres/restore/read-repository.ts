import { z } from 'zod';
import { archiveOf, isFormer } from '../backups/history.ts';
import { pgbackrestReason } from '../inside/pgbackrest-run.ts';
import { parseHistory, type ListedBackup, type Repository } from './choose-backup.ts';
import { restoreFailed } from './restore-place.ts';

const infoSchema = z.array(
  z.object({
    repo: z.array(z.object({ status: z.object({ code: z.number(), message: z.string() }) })).optional(),
    db: z.array(z.object({ id: z.number(), 'system-id': z.number().optional(), version: z.string() })).optional(),
    backup: z
      .array(
        z.object({
          label: z.string(),
          archive: z.object({ start: z.string().nullish(), stop: z.string().nullish() }),
          database: z.object({ id: z.number() }),
          info: z.object({ size: z.number() }),
          lsn: z.object({ stop: z.string() }).optional(),
          timestamp: z.object({ stop: z.number() }),
        }),
      )
      .optional(),
  }),
);

/** Code of a repository that could not be read; others say that it is empty or has no such stanza. */
const UNREADABLE = 99;

/** Understands what the script LOOK prints. */
export function readRepository(said: string): Repository {
  const [json = '', ...rest] = said.split('\n');
  const [stanza] = infoSchema.parse(parseJson(json));
  const unreadable = stanza?.repo?.find((repo) => repo.status.code === UNREADABLE)?.status;
  const cluster = stanza?.db?.at(-1);
  const history = rest.findIndex((line) => line.startsWith('history '));
  const timeline = /^history ([0-9A-F]{8})/.exec(rest[history] ?? '')?.[1];
  return {
    ...(unreadable && { problem: pgbackrestReason(unreadable.message) }),
    backups: (stanza?.backup ?? []).map((one) => toBackup(one, stanza?.db ?? [])),
    ...(cluster && { postgresMajor: Number.parseInt(cluster.version, 10) }),
    ...(timeline !== undefined && {
      history: {
        timeline: Number.parseInt(timeline, 16),
        ancestors: parseHistory(rest.slice(history + 1).join('\n')),
      },
    }),
  };
}

/** What pgBackRest could not decrypt it quotes byte by byte, which is no JSON. */
const CONTROL = /[\u0000-\u001f]/g;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(CONTROL, ' '));
  } catch {
    throw restoreFailed('pgBackRest does not say what is in the repository');
  }
}

type InfoBackup = NonNullable<z.output<typeof infoSchema>[number]['backup']>[number];

const toBackup = (one: InfoBackup, clusters: NonNullable<z.output<typeof infoSchema>[number]['db']>): ListedBackup => {
  const { label, archive, info, lsn, timestamp } = one;
  const archiveId = isFormer(clusters, one) ? archiveOf(clusters, one) : undefined;
  return {
    label,
    stoppedAt: timestamp.stop * 1000,
    lsnStop: lsn?.stop ?? '0/0',
    timeline: Number.parseInt((archive.stop ?? archive.start ?? '00000001').slice(0, 8), 16),
    bytes: info.size,
    ...(archiveId !== undefined && { formerArchive: archiveId }),
  };
};
