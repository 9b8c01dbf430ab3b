export * from './api-cluster.ts';
export * from './api-drain.ts';
export * from './api-join.ts';
export * from './api-logins.ts';
export * from './api-master-key.ts';
export * from './api-payloads.ts';
