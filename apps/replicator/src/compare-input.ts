import { z } from 'zod';

const host = z.strictObject({ host: z.string(), port: z.int() });

/** What the program is told, as JSON in its one argument. Certificates are files; there is no secret in it. */
const schema = z.strictObject({
  database: z.string(),
  user: z.string(),
  nodes: z.array(z.strictObject({ number: z.int(), name: z.string(), hosts: z.array(host).min(1) })).min(2),
  /** `schema.name`; absent: all. */
  tables: z.array(z.string()).min(1).optional(),
  /** Number of the node that is right where rows differ; absent: nothing is repaired. */
  repairFrom: z.int().optional(),
  tls: z.strictObject({ ca: z.string(), cert: z.string(), key: z.string() }).optional(),
});

export type CompareInput = z.output<typeof schema>;

/** Throws with every problem when it is not that. */
export const readCompareInput = (argument: string | undefined): CompareInput =>
  schema.parse(JSON.parse(argument ?? 'null'));
