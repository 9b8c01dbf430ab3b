export { itAlike, MAJORS, RealPostgres } from './real-postgres.ts';
export { until } from './until.ts';
