import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterJoinOptions } from '../api/api-join.ts';
import { fingerprintOf } from './join-token.ts';

/**
 * Writes what a join brought into `<folder>/trust`, every file for its owner only, and returns the settings that name it.
 * A CA other than the token's is refused before anything is written.
 */
export async function saveJoinOptions(
  folder: string,
  options: ClusterJoinOptions,
  fingerprint: string,
): Promise<Record<string, string>> {
  const { credentials: c, windlass: w } = options;
  const ca = text(c.ca_cert);
  if (fingerprintOf(ca) !== fingerprint) throw new Error('the CA that was sent is not the one the token is bound to');
  const trust = path.join(folder, 'trust');
  await mkdir(trust, { recursive: true, mode: 0o700 });
  const save = (name: string, content: string): Promise<string> => saveFile(path.join(trust, name), content);
  const settings: Record<string, string> = {
    WINDLASS_CA_CERT: await save('ca.crt', ca),
    WINDLASS_CLIENT_CERT: await save('client.crt', text(c.client_cert)),
    WINDLASS_CLIENT_KEY: await save('client.key', text(c.client_key)),
    WINDLASS_SERVER_CERT: await save('server.crt', text(c.server_cert)),
    WINDLASS_SERVER_KEY: await save('server.key', text(c.server_key)),
    WINDLASS_ETCD_ENDPOINTS: w.etcd_endpoints.join(','),
    WINDLASS_ADVERTISED_ETCD_ENDPOINTS: w.etcd_endpoints.join(','),
    WINDLASS_SERVER_URLS: w.server_urls.join(','),
    WINDLASS_TEMPORAL_ADDRESS: w.temporal.address,
    WINDLASS_TEMPORAL_NAMESPACE: w.temporal.namespace,
  };
  if (w.master_key !== undefined) settings['WINDLASS_MASTER_KEY_FILE'] = await save('master.key', w.master_key);
  if (w.ca_key !== undefined) settings['WINDLASS_CA_KEY'] = await save('ca.key', text(w.ca_key));
  if (!w.temporal.tls) return settings;
  return {
    ...settings,
    WINDLASS_TEMPORAL_TLS_CA: path.join(trust, 'ca.crt'),
    WINDLASS_TEMPORAL_TLS_CERT: path.join(trust, 'client.crt'),
    WINDLASS_TEMPORAL_TLS_KEY: path.join(trust, 'client.key'),
  };
}

/** Whole or not at all, mode 0600. */
export async function saveFile(file: string, content: string): Promise<string> {
  const next = `${file}.new`;
  await writeFile(next, content, { mode: 0o600 });
  await rename(next, file);
  return file;
}

const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
