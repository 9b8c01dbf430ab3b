export { DomainError, domainErrorOf, ERRORS, isErrorName, type ErrorFacts, type ErrorName } from './table.ts';
export { sqlStateOf } from './sql-state.ts';
