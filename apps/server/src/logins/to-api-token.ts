import type { ApiToken } from '@windlass/resources/platform/api';
import type { ApiTokenRecord, ApiTokenUse } from '@windlass/resources/platform/records';

const seconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z');

export const toApiToken = ({ id, name, role, createdAt, expiresAt }: ApiTokenRecord, use?: ApiTokenUse): ApiToken => ({
  ...{ id, name, role },
  created_at: seconds(createdAt),
  expires_at: seconds(expiresAt),
  ...(use && { last_used_at: seconds(use.at) }),
});
