import { z } from 'zod';

/** Who did something: a login, a member of the cluster, or nobody who said who he is. */
export const AUDIT_ACTORS = ['token', 'oidc', 'operator', 'host', 'control', 'server', 'loopback', 'nobody'] as const;

/** A field that was changed. What may be secret, or is long, is only named. */
export const auditChange = z.strictObject({
  field: z.string(),
  before: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
  after: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
});
export type AuditChange = z.output<typeof auditChange>;

/** What happened, before it has a place in the chain. Single words, because a line is exported as it is stored. */
const event = {
  /** Of the request, or of the task; lines that tell of the same one have the same. */
  id: z.string().max(100),
  /** When it began. */
  at: z.string().max(40),
  who: z.strictObject({
    kind: z.enum(AUDIT_ACTORS),
    /** Of somebody of an issuer his subject. */
    id: z.string().max(255).optional(),
    name: z.string().max(100).optional(),
    role: z.string().max(20).optional(),
  }),
  /** The address it came from. */
  from: z.string().max(100).optional(),
  /** Id of the operation of the API, or what the control plane did by itself. */
  operation: z.string().max(100),
  method: z.string().max(10).optional(),
  path: z.string().max(300).optional(),
  query: z.record(z.string(), z.string().max(100)).optional(),
  entity: z.strictObject({ kind: z.string().max(100), id: z.string().max(100) }).optional(),
  tasks: z
    .array(z.strictObject({ id: z.string().max(100), type: z.string().max(50) }))
    .max(200)
    .optional(),
  /** Keys of the records that were written. */
  records: z.array(z.string().max(300)).max(50).optional(),
  changes: z.array(auditChange).max(50).optional(),
  /** What else is to be said, in words. */
  detail: z.string().max(500).optional(),
  /** How often, where one line stands for many refusals. */
  times: z.int().optional(),
  /** Absent: the change was made, and the server died before its answer was written down; or nobody asked. */
  answer: z.strictObject({ status: z.int(), error: z.string().max(100).optional() }).optional(),
};

const HASH = z.string().regex(/^[0-9a-f]{64}$/);

export const auditEvent = z.strictObject(event);
export type AuditEvent = z.output<typeof auditEvent>;

/** A line of the chain; `hash` is of all the rest, `previous` is the hash of the line before. */
export const auditLine = z.strictObject({ seq: z.int().min(1), ...event, previous: HASH, hash: HASH });
export type AuditLine = z.output<typeof auditLine>;

/** Where the chain is cut: the last line there is, or the last that was forgotten. */
export const auditMark = z.strictObject({ seq: z.int().min(0), hash: HASH });
export type AuditMark = z.output<typeof auditMark>;

/** What was done, and is not in the chain yet; it is written in the transaction that does it. */
export const auditIntent = z.strictObject({
  event: auditEvent,
  /** A server answers this request and then adds the line; another one only does when that server is gone. */
  isAnswered: z.boolean(),
});
export type AuditIntent = z.output<typeof auditIntent>;
