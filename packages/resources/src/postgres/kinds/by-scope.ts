import type { FormMigration } from '../../engine/present-form.ts';

/**
 * To the second version of what lies inside Postgres: before nodes had replicas it named its one instance; now it names its node, and
 * is done where the primary is.
 */
export const byScope: FormMigration = ({ spec, status }, entityId) => {
  const { instanceId: _instance, hostId: _host, serviceName: _service, ...others } = spec;
  return { spec: { ...others, scope: `${entityId}:${String(spec['nodeName'])}` }, status };
};
