import type { ServiceSpec } from './database.ts';
import { mcpRules } from './service-mcp.ts';
import { postgrestRules } from './service-postgrest.ts';
import { ragRules } from './service-rag.ts';

/** What is wrong with the settings of a service. `known`: the service exists already. */
export function serviceConfigRules(service: ServiceSpec, known: boolean): string[] {
  const config = service.config ?? {};
  if (service.service_type === 'mcp') return mcpRules(config, known);
  return service.service_type === 'postgrest' ? postgrestRules(config) : ragRules(config);
}
