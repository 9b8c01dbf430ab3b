/**
 * What a terminal would obey, or hide, in place of showing it: control characters but for colours, tabs and ends of lines, and what turns the
 * direction of writing. Names, logs and errors have what others wrote into them: users of a database write into its log.
 */
const OBEYED = /\u001b(?!\[[\d;]*m)|\r(?!\n)|[\0-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g; // prettier-ignore

/** A text as a terminal may be given it: what it would obey is written out, as `\u001b`. */
export const plainly = (text: string): string =>
  text.replace(OBEYED, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Writes to a stream: plainly where it is a terminal, as it is where it is a file or another program. */
export const writerTo =
  (stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): ((text: string) => void) =>
  (text) =>
    void stream.write(stream.isTTY ? plainly(text) : text);
