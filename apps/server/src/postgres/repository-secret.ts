import type { RepositorySecret } from '@windlass/resources/postgres/spec';
import { z } from 'zod';

/** The credentials of a repository, as they are sealed. */
export const repositorySecret: z.ZodType<RepositorySecret> = z.looseObject({
  version: z.string(),
  values: z.record(z.string(), z.string()),
});
