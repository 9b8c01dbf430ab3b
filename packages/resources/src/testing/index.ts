export { composeSettings } from './compose-settings.ts';
export { createAll, deleteAll, kindOf, scopeFor, type Applied } from './apply-all.ts';
export { describeDeletedKind, describeKind, type KindCase } from './describe-kind.ts';
export { collect, describeKv } from './describe-kv.ts';
export { createFakeClients, createFakeDcs, createFakeSecrets } from './fake-clients.ts';
export { openMtlsServer, type MtlsServer } from './mtls-server.ts';
export { createFakeDocker } from './fake-docker.ts';
export { freePort, openRealEtcd, type RealEtcd } from './real-etcd.ts';
export { openRealStack, type RealStack } from './real-stack.ts';
