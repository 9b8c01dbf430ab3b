import { z } from 'zod';
import { auditMark, type AuditMark } from './shapes.ts';
import { hashOfLine } from './seal.ts';

/** The first line of an export: what came before was forgotten up to here. */
const opening = z.strictObject({ windlass_audit: z.literal(1), after: auditMark });
/** The last one. */
const ending = z.strictObject({ head: auditMark });
export type AuditOpening = z.output<typeof opening>;
export type AuditEnding = z.output<typeof ending>;

const place = z.looseObject({ seq: z.int(), previous: z.string(), hash: z.string() });

/** What an exported file is worth: what is wrong with it, or up to where it is good. */
export type AuditVerdict =
  { readonly lines: number; readonly head: AuditMark } | { readonly wrong: string; readonly lineNumber: number };

/**
 * Looks at an export line by line: each must hash to what it says, follow the one before, and the last must be there. `known` is what is
 * known of the chain from elsewhere, such as the head a server answers or an older export ended with: it must be in the file. Without
 * it somebody who can compute hashes could have written the file anew.
 */
export async function checkAudit(
  lines: AsyncIterable<string> | Iterable<string>,
  known?: AuditMark,
): Promise<AuditVerdict> {
  let last: AuditMark | undefined;
  let isEnded = false;
  let [lineNumber, count, isKnown] = [0, 0, known === undefined];
  const wrong = (words: string): AuditVerdict => ({ wrong: words, lineNumber });
  for await (const text of lines) {
    lineNumber += 1;
    if (isEnded) return wrong('there is something after the end');
    const value = parsed(text);
    if (value === undefined) return wrong('it is no JSON: changed, or cut off in the middle');
    if (!last) {
      const first = opening.safeParse(value);
      if (!first.success) return wrong('the beginning is missing');
      last = first.data.after;
    } else if (ending.safeParse(value).success) {
      const problem = endProblem(ending.parse(value).head, last);
      if (problem !== undefined) return wrong(problem);
      isEnded = true;
    } else {
      const checked = follows(value, last);
      if (typeof checked === 'string') return wrong(checked);
      last = checked;
      count += 1;
    }
    isKnown ||= last.seq === known?.seq && last.hash === known.hash;
  }
  if (!last) return wrong('it is empty');
  if (!isEnded) return wrong(`it is cut off after line ${String(last.seq)} of the chain: the end is missing`);
  if (!isKnown) return wrong(unknownTo(last, known));
  return { lines: count, head: last };
}

/** Where the chain is after this line; or what is wrong with it. */
function follows(value: unknown, before: AuditMark): AuditMark | string {
  const read = place.safeParse(value);
  if (!read.success) return 'it is no line of an audit: changed';
  const { seq, previous, hash } = read.data;
  if (hashOfLine(read.data) !== hash)
    return `line ${String(seq)} of the chain was changed: it does not hash to what it says`;
  if (seq > before.seq + 1) return `lines ${String(before.seq + 1)} to ${String(seq - 1)} of the chain are missing`;
  if (seq <= before.seq) return `line ${String(seq)} of the chain is in the wrong place`;
  if (previous !== before.hash)
    return `line ${String(before.seq)} of the chain was replaced: line ${String(seq)} followed another one`;
  return { seq, hash };
}

function endProblem(head: AuditMark, last: AuditMark): string | undefined {
  if (head.seq > last.seq) return `lines ${String(last.seq + 1)} to ${String(head.seq)} of the chain are missing`;
  if (head.seq < last.seq || head.hash !== last.hash) return 'the end is that of another chain';
  return undefined;
}

function unknownTo(last: AuditMark, known: AuditMark | undefined): string {
  const at = String(known?.seq);
  return known && known.seq > last.seq
    ? `it is cut off: line ${at} of the chain is known, and the file ends with ${String(last.seq)}`
    : `line ${at} of the chain is not the known one: the file was written anew, or begins after it`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
