import type { TaskInputs } from '../../tasks/task-inputs.ts';

/** Which task of a host it is. */
export interface HostTaskInput {
  readonly hostId: string;
  readonly taskId: string;
}

/** Workflows of hosts by name, and what each takes. */
export interface HostWorkflowInputs {
  readonly removeHost: HostTaskInput & TaskInputs['remove_host'];
  readonly drainHost: HostTaskInput & TaskInputs['drain_host'];
}
