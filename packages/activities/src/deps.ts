import type { Desired, StepHook, AnyResource, ResourceState } from '@windlass/resources/engine';
import type { Clients } from '@windlass/resources/clients';
import type { Kv } from '@windlass/resources/store';
import type { TimeoutBefore } from './former-attempt.ts';
import type { ActivityHook } from './heed-cancel.ts';

/** What the activities stand on; built once per worker process. */
export interface ActivityDeps {
  readonly kv: Kv;
  readonly state: ResourceState;
  readonly clients: Clients;
  kind(name: string): AnyResource<Clients>;
  /** Every resource the database needs at this spec; an empty list means: it is to be deleted. `upgradeTo`: image of an upgrade. */
  compose(databaseId: string, stored: unknown, upgradeTo?: string): Promise<readonly Desired[]>;
  /** Brings the status of this host's instances of a database up to date, now. */
  sampleInstances(databaseId: string): Promise<void>;
  /** How the attempt before the running one ended, if nobody answered for it. */
  readonly timeoutBefore: TimeoutBefore;
  readonly hook?: StepHook | undefined;
  readonly activityHook?: ActivityHook | undefined;
}
