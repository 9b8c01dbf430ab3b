import type { z } from 'zod';
import { CreateDatabaseRequest, DatabaseSpec, UpdateDatabaseRequest } from './database.ts';
import { guard } from '../../api/guard.ts';
import { issuesOf, type Issue } from '../../api/issues.ts';
import { Identifier } from '../../api/texts.ts';
import { pidsRules } from './pids.ts';
import { levelRules, scriptRules, userRules } from './rules-database.ts';
import { nameRules } from './rules-names.ts';
import { nodeRules, portRules } from './rules-node.ts';
import { backupRules } from './rules-repository.ts';
import { unknownRoles } from './rules-roles.ts';
import { serviceRules, type ServiceContext } from './rules-service.ts';

/** The request is not valid: where and why, in the order of the rules. Never empty. */
export interface Invalid {
  readonly issues: readonly Issue[];
}

/** More than this many problems are not listed. */
const MAX_ISSUES = 100;

/** Reads any input with a schema, safely: no depth, size or content of it makes this slow or throw. */
export function parseStrict<S extends z.ZodType>(schema: S, input: unknown): { readonly value: z.output<S> } | Invalid {
  const guarded = guard(input);
  if ('issue' in guarded) return { issues: [guarded.issue] };
  const result = schema.safeParse(guarded.value);
  return result.success
    ? { value: result.data }
    : { issues: issuesOf(schema, guarded.value, result.error).slice(0, MAX_ISSUES) };
}

/** The rules that need more than one field. The spec must have passed its schema. */
export function crossRules(spec: DatabaseSpec, context: ServiceContext = {}): Issue[] {
  const issues = [
    ...portRules(spec),
    ...userRules(spec),
    ...scriptRules(spec),
    ...nodeRules(spec),
    ...levelRules(spec, []),
    ...pidsRules(spec),
    ...backupRules(spec),
    ...serviceRules(spec, context),
    ...nameRules(spec, context.databaseId),
  ];
  return issues.slice(0, MAX_ISSUES);
}

/** A spec, or everything that is wrong with it. `loadSqlParser` must have been awaited. */
export function validateSpec(input: unknown, context: ServiceContext = {}): { readonly spec: DatabaseSpec } | Invalid {
  const parsed = parseStrict(DatabaseSpec, input);
  if ('issues' in parsed) return parsed;
  const issues = [...crossRules(parsed.value, context), ...unknownRoles(parsed.value)];
  return issues.length > 0 ? { issues } : { spec: parsed.value };
}

/** Paths of a request are those of its spec: `spec.nodes[0].port` prints as `nodes[0].port`. */
const withoutSpec = (issue: Issue): Issue =>
  issue.path[0] === 'spec' && issue.path.length > 1 ? { ...issue, path: issue.path.slice(1) } : issue;

function badIds(input: unknown): Issue[] {
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  return ['id', 'tenant_id'].flatMap((name) => {
    const result = Identifier.safeParse(fields[name]);
    return typeof fields[name] === 'string' && !result.success
      ? [{ path: [name], message: result.error.issues[0]?.message ?? 'invalid ID' }]
      : [];
  });
}

function validateRequest<T extends { readonly spec: DatabaseSpec }>(
  schema: z.ZodType<T>,
  input: unknown,
  context: (request: T) => ServiceContext,
  more: (spec: DatabaseSpec) => Issue[] = () => [],
): { readonly request: T } | Invalid {
  const ids = badIds(input);
  if (ids.length > 0) return { issues: ids };
  const parsed = parseStrict(schema, input);
  if ('issues' in parsed) return { issues: parsed.issues.map(withoutSpec) };
  const { spec } = parsed.value;
  const issues = [...crossRules(spec, context(parsed.value)), ...more(spec)].slice(0, MAX_ISSUES);
  return issues.length > 0 ? { issues } : { request: parsed.value };
}

/** The body of a create, checked whole. */
export function validateCreateRequest(input: unknown): { readonly request: CreateDatabaseRequest } | Invalid {
  const context = (request: CreateDatabaseRequest): ServiceContext => ({ databaseId: request.id });
  return validateRequest<CreateDatabaseRequest>(CreateDatabaseRequest, input, context, (spec) => unknownRoles(spec));
}

/** The body of an update, checked whole, but for what depends on the stored spec (see `validateUpdate`). */
export function validateUpdateRequest(
  input: unknown,
  context: ServiceContext,
): { readonly request: UpdateDatabaseRequest } | Invalid {
  return validateRequest<UpdateDatabaseRequest>(UpdateDatabaseRequest, input, () => context);
}
