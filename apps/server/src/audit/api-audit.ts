import { auditLine, auditMark } from '@windlass/resources/audit';
import { z } from 'zod';

const mark = (description: string) => auditMark.meta({ description });

export const ListAuditResponse = z
  .object({
    lines: z.array(
      auditLine.meta({ id: 'AuditLine', description: 'What somebody did, or the control plane by itself.' }),
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
