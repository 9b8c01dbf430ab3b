export {
  DomainError,
  domainErrorOf,
  ERRORS,
  isErrorName,
  type ErrorFacts,
  type ErrorName,
} from '@windlass/error-table';
export { fromFailure, toFailure } from './failure.ts';
export { refusalOf } from './grpc-refusal.ts';
