import type { CorpusEntry } from './entry.ts';
import { CODE } from './code.ts';
import { FUNCTIONS } from './functions.ts';
import { MESSAGES } from './messages.ts';
import { NAMES } from './names.ts';
import { PROPERTIES } from './properties.ts';
import { RARE } from './rare.ts';
import { ROWS } from './rows.ts';
import { TABLES } from './tables.ts';

export type { CorpusEntry };

/** One after the other, in one session for each role: what is made is used by what comes later. */
export const CORPUS: readonly CorpusEntry[] = [
  ...[...TABLES, ...CODE, ...PROPERTIES, ...ROWS],
  ...[...MESSAGES, ...FUNCTIONS, ...NAMES, ...RARE],
];
