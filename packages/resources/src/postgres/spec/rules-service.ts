import type { DatabaseSpec, ServiceSpec } from './database.ts';
import type { Issue } from '../../api/issues.ts';
import { repeated } from './rules-database.ts';
import { serviceConfigRules } from './service-config.ts';

/** What the rules for services need to know beside the spec. */
export interface ServiceContext {
  /** Id of the database, for the limit on the length of both ids. */
  readonly databaseId?: string | undefined;
  /** Services that exist already: what is only for their first provisioning is refused. */
  readonly knownServiceIds?: readonly string[];
}
type Path = readonly PropertyKey[];

function idRules(service: ServiceSpec, path: Path, context: ServiceContext): Issue[] {
  const length = (context.databaseId?.length ?? 0) + service.service_id.length;
  if (context.databaseId === undefined || length <= 53) return [];
  return [
    {
      path: [...path, 'service_id'],
      message: `database ID and service ID combined must not exceed 53 characters (got ${length})`,
    },
  ];
}

function targetRules(service: ServiceSpec, path: Path, spec: DatabaseSpec): Issue[] {
  const targets = service.database_connection?.target_nodes ?? [];
  const seen = new Set<string>();
  return targets.flatMap((name, j) => {
    const again = seen.has(name);
    seen.add(name);
    const at = [...path, 'database_connection', 'target_nodes', j];
    if (name === '') return [{ path: at, message: 'node name must not be empty' }];
    if (!spec.nodes.some((node) => node.name === name))
      return [{ path: at, message: `node "${name.slice(0, 64)}" does not exist in the database spec` }];
    return again ? [{ path: at, message: `duplicate node name "${name}"` }] : [];
  });
}

function connectAsRules(service: ServiceSpec, path: Path, spec: DatabaseSpec): Issue[] {
  if ((spec.database_users ?? []).some((user) => user.username === service.connect_as)) return [];
  return [
    {
      path: [...path, 'connect_as'],
      message: `connect_as "${service.connect_as.slice(0, 64)}" does not match any database_users entry`,
    },
  ];
}

function swarmRules(service: ServiceSpec, path: Path): Issue[] {
  const swarm = service.orchestrator_opts?.swarm;
  const at = [...path, 'orchestrator_opts', 'swarm'];
  const volumes = swarm?.extra_volumes?.length
    ? [{ path: [...at, 'extra_volumes'], message: 'extra_volumes is not supported for services' }]
    : [];
  const networks = (swarm?.extra_networks ?? []).flatMap((network, j) =>
    Object.keys(network.driver_opts ?? {}).length > 0
      ? [{ path: [...at, 'extra_networks', j, 'driver_opts'], message: 'driver_opts is not supported for services' }]
      : [],
  );
  return [...volumes, ...networks];
}

function writeRules(service: ServiceSpec, path: Path): Issue[] {
  const attrs = service.database_connection?.target_session_attrs;
  const writes = service.service_type === 'mcp' && service.config?.allow_writes === true;
  if (!writes || attrs === undefined || attrs === 'primary' || attrs === 'read-write') return [];
  return [
    {
      path: [...path, 'database_connection', 'target_session_attrs'],
      message: `allow_writes requires target_session_attrs 'primary' or 'read-write', got '${attrs}'`,
    },
  ];
}

/** Everything about services beyond their schema. */
export function serviceRules(spec: DatabaseSpec, context: ServiceContext): Issue[] {
  const services = spec.services ?? [];
  const known = new Set(context.knownServiceIds);
  return [
    ...repeated(
      services,
      (service) => service.service_id,
      (i) => ['services', i],
      'service IDs must be unique within a database',
    ),
    ...services.flatMap((service, i) => {
      const path = ['services', i];
      return [
        ...idRules(service, path, context),
        ...repeated(
          service.host_ids,
          String,
          (j) => [...path, 'host_ids', j],
          'host IDs must be unique within a service',
        ),
        ...targetRules(service, path, spec),
        ...connectAsRules(service, path, spec),
        ...swarmRules(service, path),
        ...writeRules(service, path),
        ...serviceConfigRules(service, known.has(service.service_id)).map((message) => ({
          path: [...path, 'config'],
          message,
        })),
      ];
    }),
  ];
}
