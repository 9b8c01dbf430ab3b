/** Something that looks after a host's share of a domain between tasks, for as long as its worker runs. */
export interface Watcher {
  start(): Promise<void> | void;
  /** Resolves when it does nothing any more. */
  stop(): Promise<void> | void;
}
