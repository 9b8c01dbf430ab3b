import type { DatabaseSpec } from './database.ts';
import { instanceId, serviceName } from './identity.ts';
import type { Issue } from '../../api/issues.ts';
import { lengthOf, NAME_LIMITS } from './limits.ts';

/** A database that is given no id gets a UUID. */
const UUID_LENGTH = 36;

/** Names made of the ids of a database, a node and a host, that would be longer than Docker takes. */
export function nameRules(spec: DatabaseSpec, databaseId = 'x'.repeat(UUID_LENGTH)): Issue[] {
  const { most } = NAME_LIMITS.swarmObject;
  return spec.nodes.flatMap(({ name }, i) => {
    const length = lengthOf(serviceName(instanceId(databaseId, name, '')), NAME_LIMITS.swarmObject);
    if (length <= most) return [];
    const together = databaseId.length + name.length;
    return [
      {
        path: ['nodes', i, 'name'],
        message: `database ID and node name combined must not exceed ${together - (length - most)} characters (got ${together}): Docker takes names of services of ${most} characters`,
      },
    ];
  });
}
