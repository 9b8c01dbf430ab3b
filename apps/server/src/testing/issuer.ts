import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export interface RunningIssuer {
  readonly url: string;
  readonly port: number;
  /** A JWT of a client for this audience. */
  login(client: string, audience: string): Promise<string>;
  stop(): Promise<void>;
}

/** A new private key of an issuer. */
export async function newKey(kid: string, alg = 'ES256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}

/** An OpenID provider as a process of its own, that signs with the first of the keys. */
export async function startIssuer(
  keys: readonly JWK[],
  clients: Readonly<Record<string, object>>,
  port = 0,
): Promise<RunningIssuer> {
  const program = path.join(import.meta.dirname, 'issuer-main.mjs');
  const child: ChildProcess = spawn(process.execPath, [program, JSON.stringify({ port, keys, clients })], { stdio: ['pipe', 'pipe', 'ignore'] }); // prettier-ignore
  const ended = once(child, 'exit');
  if (!child.stdout) throw new Error('the issuer says nothing');
  const said = once(createInterface(child.stdout), 'line').then(([line]) => Number(line));
  const given = await Promise.race([said, ended.then(() => Promise.reject(new Error('the issuer does not start')))]);
  const url = `http://127.0.0.1:${String(given)}`;
  return {
    url,
    port: given,
    login: (client, audience) => loginAt(url, client, audience),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

async function loginAt(url: string, client: string, resource: string): Promise<string> {
  const answer = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:secret`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`the issuer answers ${String(answer.status)}`);
  return token;
}
