export * from './ports.ts';
export * from './tasks.ts';
export { endWithTask } from './end-with-task.ts';
export { keys, restoreSecretName } from './keys.ts';
export { createMemoryKv } from './memory.ts';
export { connectEtcd, openEtcdKv, reach, type EtcdOptions } from './etcd.ts';
export { Heartbeat } from './heartbeat.ts';
export { createSecretBox, createSecrets, type SecretBox } from './secrets.ts';
export { canBind, createPorts, type PortRange } from './port-reservations.ts';
