import { Connection } from '@temporalio/client';
import { missingTemporalTls, readTemporalTls, temporalTlsSettings } from '@windlass/resources/platform/settings';
import { z } from 'zod';
import { prepareNamespace } from './prepare-namespace.ts';

const WITHIN_MS = 120_000;

const schema = z.object({
  WINDLASS_TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  WINDLASS_TEMPORAL_NAMESPACE: z.string().default('default'),
  WINDLASS_TEMPORAL_RETENTION_DAYS: z.coerce.number().int().min(1).default(7),
  ...temporalTlsSettings,
});

/** node main-namespace.js: prepares a namespace of any Temporal for Windlass. Run again it changes nothing. */
async function run(): Promise<void> {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const config = schema.parse(given);
  const { tls, bad } = await readTemporalTls(config);
  const problems = [...missingTemporalTls(given), ...bad];
  if (problems.length > 0) throw new Error(`the settings cannot be used:\n${problems.join('\n')}`);
  const connection = Connection.lazy({ address: config.WINDLASS_TEMPORAL_ADDRESS, ...(tls && { tls }) });
  const request = {
    namespace: config.WINDLASS_TEMPORAL_NAMESPACE,
    retentionDays: config.WINDLASS_TEMPORAL_RETENTION_DAYS,
    withinMs: WITHIN_MS,
  };
  await prepareNamespace(connection, request, (what) => process.stdout.write(`${what}\n`));
  await connection.close();
}

run().catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
  process.exitCode = 1;
});
