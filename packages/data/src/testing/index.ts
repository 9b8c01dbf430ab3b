export { NODE_SCHEMA, watched } from './apply/node-schema.ts';
export { MAJORS, RealPostgres } from './real-postgres.ts';
export { until } from './replicate/until.ts';
