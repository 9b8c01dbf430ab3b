import type { components } from '@windlass/client';

type Line = components['schemas']['AuditLine'];

/** A line of the audit as a row of a table. */
export const inWords = ({ seq, at, who, from, operation, entity, answer, times }: Line) => ({
  id: seq,
  at,
  who: [who.kind, who.name ?? who.id].filter((one) => one !== undefined).join(' '),
  ...(from !== undefined && { from }),
  operation: times === undefined ? operation : `${operation} (${String(times)} times)`,
  ...(entity && { entity: `${entity.kind}/${entity.id}` }),
  ...(answer && { answer: answer.error === undefined ? String(answer.status) : `${String(answer.status)} ${answer.error}` }),
}); // prettier-ignore
