import type { ApiToken } from '@windlass/resources/platform/api';
import type { ApiTokenRecord, ApiTokenUse } from '@windlass/resources/platform/records';
import { wireTime } from '../core/tasks/read-tasks.ts';

export const toApiToken = (
  { id, name, role, tenants, createdAt, expiresAt }: ApiTokenRecord,
  use?: ApiTokenUse,
): ApiToken => ({
  ...{ id, name, role },
  ...(tenants && { tenants: [...tenants] }),
  created_at: wireTime(createdAt),
  expires_at: wireTime(expiresAt),
  ...(use && { last_used_at: wireTime(use.at) }),
});
