import { DomainError } from '@windlass/resources/errors';
import { defineRoute, type Route } from '../route.ts';

/** Operations of the contract that are answered honestly: `operation_not_supported`, by name. */
const OPERATIONS: readonly (readonly [string, Route['method'], string, Route['tag']])[] = [
  ['restore-database', 'POST', '/v1/databases/:database_id/restore', 'databases'],
];

export const notYet: readonly Route[] = OPERATIONS.map(([operationId, method, url, tag]) =>
  defineRoute({
    operationId,
    method,
    url,
    tag,
    summary: 'Not carried out yet: answers operation_not_supported',
    handle: () =>
      Promise.reject(new DomainError('operation_not_supported', `${operationId} is not carried out by this version`)),
  }),
);
