import type { AnyResource, ResourceState, StepHook } from '@windlass/resources/engine';
import type { Clients } from '@windlass/resources/postgres/clients';
import type { Kv } from '@windlass/resources/store';
import type { TimeoutBefore } from './former-attempt.ts';
import type { EntityWork } from './entity-work.ts';
import type { ActivityHook } from './heed-cancel.ts';

/** What the activities stand on; built once per worker process. */
export interface ActivityDeps {
  readonly kv: Kv;
  readonly state: ResourceState;
  readonly clients: Clients;
  kind(name: string): AnyResource<Clients>;
  /** What is particular to a kind of entity. */
  work(kind: string): EntityWork;
  /** How the attempt before the running one ended, if nobody answered for it. */
  readonly timeoutBefore: TimeoutBefore;
  readonly hook?: StepHook | undefined;
  readonly activityHook?: ActivityHook | undefined;
}
