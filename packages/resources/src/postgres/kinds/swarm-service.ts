import type { Clients, ServiceFacts, ServiceRequest } from '../clients/ports.ts';
import { digest } from '../../engine/hash.ts';
import type { Context } from '../../engine/resource.ts';
import { assertOwned, madeOnce } from './define.ts';

/** Label of a service and of its containers: which request they were made from. */
export const SPEC_HASH = 'windlass.spec-hash';

const hashOf = (request: ServiceRequest): string => digest(request);

/** What differs between a service and what is asked for. */
export const serviceDrift = (found: ServiceFacts, request: ServiceRequest): string[] => [
  ...(found.labels[SPEC_HASH] === hashOf(request) ? [] : ['spec']),
  ...(found.replicas === request.replicas ? [] : ['replicas']),
];

export interface MadeService {
  readonly serviceId: string;
  readonly specHash: string;
}

/** What has to be done right before a service is made or changed. */
export interface Beforehand {
  create?(): Promise<void>;
  update?(): Promise<void>;
}

/** Makes a service, or makes it what is asked for; one that is so is left alone. Rejects `resource_not_owned`. */
export async function ensureService(
  request: ServiceRequest,
  context: Pick<Context<Clients>, 'clients' | 'owner'>,
  before: Beforehand = {},
): Promise<MadeService> {
  const { docker } = context.clients;
  const { name } = request;
  const specHash = hashOf(request);
  const found = await docker.service(name);
  if (!found) {
    await before.create?.();
    return madeOnce(
      async () => ({ serviceId: await docker.createService(labelled(request)), specHash }),
      async () => (await docker.service(name)) && ensureService(request, context, before),
    );
  }
  assertOwned(found.labels, context.owner, `service '${name}'`);
  if (serviceDrift(found, request).length > 0) {
    await before.update?.();
    await docker.updateService(name, labelled(request));
  }
  return { serviceId: found.id, specHash };
}

function labelled(request: ServiceRequest): ServiceRequest {
  const hash = { [SPEC_HASH]: hashOf(request) };
  return {
    ...request,
    labels: { ...request.labels, ...hash },
    containerLabels: { ...request.containerLabels, ...hash },
  };
}

/** Removes a service and its container at once, where nothing is gained by an orderly stop, which takes seconds. Absence is success. */
export async function removeService(
  name: string,
  { clients: { docker }, owner, signal }: Pick<Context<Clients>, 'clients' | 'owner' | 'signal'>,
): Promise<void> {
  const found = await docker.service(name);
  if (found) assertOwned(found.labels, owner, `service '${name}'`);
  const container = await docker.serviceContainer(name);
  const removed = docker.removeService(name, signal);
  await Promise.all([removed, ...(container ? [docker.removeContainer(container.id)] : [])]);
}
