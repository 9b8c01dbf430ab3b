/** Where a watcher tells what it did or could not do: facts, and a sentence. */
export interface Log {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
}
