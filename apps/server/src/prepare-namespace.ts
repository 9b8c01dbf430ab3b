import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';

const KEYWORD = 2;
const KEYWORD_LIST = 7;
/** The search attributes of our workflows and their types; bin/lib/temporal.args has them for bin/up. */
export const ATTRIBUTES: Readonly<Record<string, number>> = {
  WindlassDatabaseId: KEYWORD,
  WindlassEntity: KEYWORD,
  WindlassTenantId: KEYWORD,
  WindlassTaskType: KEYWORD,
  WindlassHostId: KEYWORD_LIST,
};
const ALREADY_EXISTS = 6;
const PAUSE_MS = 250;

export interface NamespaceRequest {
  readonly namespace: string;
  /** Days that a closed workflow stays readable. */
  readonly retentionDays: number;
  readonly withinMs: number;
}
export type Services = Pick<Connection, 'workflowService' | 'operatorService'>;

/**
 * Makes what is missing of the namespace and its search attributes and returns when both can be used: Temporal's
 * services learn of new ones some seconds later and refuse workflows until then. Tells every new reason to wait.
 */
export async function prepareNamespace(
  services: Services,
  request: NamespaceRequest,
  tell: (what: string) => void,
): Promise<void> {
  const until = Date.now() + request.withinMs;
  const told = new Set<string>();
  for (const step of [register, addAttributes, useAttributes])
    for (;;) {
      const reason = await step(services, request).then(() => undefined, reasonOf);
      if (reason === undefined) break;
      if (Date.now() > until)
        throw new Error(`namespace ${request.namespace} is not ready after ${String(request.withinMs)} ms: ${reason}`);
      if (!told.has(reason)) tell(`waiting: ${reason}`);
      told.add(reason);
      await sleep(PAUSE_MS);
    }
  tell(`namespace ${request.namespace} is ready`);
}

/** Makes what is missing of the attributes. Rejects until they can be used. */
export async function ensureAttributes(
  services: Services,
  request: Pick<NamespaceRequest, 'namespace'>,
): Promise<void> {
  await addAttributes(services, request);
  await useAttributes(services, request);
}

async function register({ workflowService }: Services, { namespace, retentionDays }: NamespaceRequest): Promise<void> {
  const workflowExecutionRetentionPeriod = { seconds: (retentionDays * 86_400) as never };
  await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }).catch((err: unknown) => {
    if ((err as { code?: unknown }).code !== ALREADY_EXISTS) throw err;
  });
  await workflowService.describeNamespace({ namespace });
}

async function addAttributes(
  { operatorService }: Services,
  { namespace }: Pick<NamespaceRequest, 'namespace'>,
): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const known = customAttributes ?? {};
  const wrong = Object.keys(ATTRIBUTES).filter((name) => known[name] !== undefined && known[name] !== ATTRIBUTES[name]);
  if (wrong.length > 0) throw new Error(`search attributes exist with another type: ${wrong.join(', ')}`);
  const missing = Object.entries(ATTRIBUTES).filter(([name]) => known[name] === undefined);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing);
  await operatorService.addSearchAttributes({ namespace, searchAttributes });
}

/** A query is refused while the front end does not know one of its attributes. */
async function useAttributes(
  { workflowService }: Services,
  { namespace }: Pick<NamespaceRequest, 'namespace'>,
): Promise<void> {
  const query = Object.keys(ATTRIBUTES)
    .map((name) => `${name} = 'none'`)
    .join(' AND ');
  await workflowService.countWorkflowExecutions({ namespace, query });
}

function reasonOf(err: unknown): string {
  const details = (err as { details?: unknown }).details;
  return typeof details === 'string' && details !== '' ? details : err instanceof Error ? err.message : String(err);
}
