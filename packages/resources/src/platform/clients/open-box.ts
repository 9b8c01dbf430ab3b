import { createMasterKeys, createSecretBox, type KeyRing, type Kv, type SecretBox } from '../../store/index.ts';
import type { Servers } from './ask-servers.ts';
import { createRemoteKeys } from './remote-keys.ts';

/** Secrets as a process may open them: with the master key where it has one, otherwise servers give data keys. */
export const openBox = (kv: Pick<Kv, 'get' | 'commit'>, masterKeys: KeyRing | undefined, servers: Servers): SecretBox =>
  createSecretBox(kv, masterKeys ? createMasterKeys(kv, masterKeys) : createRemoteKeys(kv, servers));
