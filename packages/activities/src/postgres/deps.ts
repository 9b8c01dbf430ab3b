import type { ActivityDeps } from '../core/deps.ts';

/** What the activities of databases need besides. */
export interface PostgresDeps extends ActivityDeps {
  /** Brings the status of this host's instances of a database up to date, now. */
  sampleInstances(databaseId: string): Promise<void>;
}
