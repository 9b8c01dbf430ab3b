import { auditLine, auditMark } from '@windlass/resources/audit';
import { z } from 'zod';

/** A change of somebody with a token. */
const EXAMPLE = {
  ...{ seq: 4711, id: '6e0c2f0e-5d5b-4a56-9f0b-0a4d1e7b6c11', at: '2026-01-31T12:00:00.000Z' },
  who: { kind: 'token', id: 'k3v9t0qx1m2a', name: 'ci', role: 'admin' },
  ...{ from: '192.0.2.7', operation: 'update-database', method: 'POST', path: '/v1/databases/storefront' },
  entity: { kind: 'database', id: 'storefront' },
  tasks: [{ id: '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f10', type: 'update' }],
  records: ['databases', 'specs', 'backup-schedules'].map((sort) => `${sort}/storefront`),
  changes: [{ field: 'spec.nodes[n1].host_ids[1]', after: 'host-2' }, { field: 'passwordVersions.app' }],
  answer: { status: 200 },
  ...{ previous: '9f'.repeat(32), hash: '3c'.repeat(32) },
};

const mark = (description: string) => auditMark.meta({ description });

export const ListAuditResponse = z
  .object({
    lines: z.array(
      auditLine.meta({
        id: 'AuditLine',
        description: 'What somebody did, or the control plane by itself.',
        examples: [EXAMPLE],
      }),
    ),
    before: z
      .int()
      .optional()
      .meta({
        description: 'Ask for lines before this number to go on; absent: there are no older ones.',
        examples: [4711],
      }),
    head: mark(
      'The last line there is: note it elsewhere, and `bin/audit-check --known` finds whether an export leads to it.',
    ),
    anchor: mark('The last line that was forgotten; number 0: none.'),
  })
  .meta({ id: 'ListAuditResponse', description: 'A page of the audit, newest first.' });
