import type { Document, LineCounter } from 'yaml';

/** A document, and the file it is in. */
export interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** As editors and terminals understand it: `shop.yaml:8:7`. */
export function placeAt(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${String(line)}:${String(col)}`;
}
