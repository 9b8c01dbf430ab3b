import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readConfig } from './config.ts';
import { issuerOf } from './core/door/issuer.ts';
import { readFiles } from './read-files.ts';

const needed = {
  WINDLASS_CA_CERT: 'ca.crt',
  WINDLASS_CA_KEY: 'ca.key',
  WINDLASS_CLIENT_CERT: 'client.crt',
  WINDLASS_CLIENT_KEY: 'client.key',
  WINDLASS_MASTER_KEY_FILE: 'master.key',
};

test('what is not given has a default, and an empty value is not given', () => {
  expect(readConfig({ ...needed, WINDLASS_HTTP_PORT: '' })).toMatchObject({
    WINDLASS_HTTP_HOST: '127.0.0.1',
    WINDLASS_HTTP_PORT: 3000,
    WINDLASS_ETCD_ENDPOINTS: ['https://127.0.0.1:2379'],
    WINDLASS_TEMPORAL_ADDRESS: '127.0.0.1:7233',
  });
});

test.each(['0.0.0.0', '::', '192.0.2.1', 'windlass.example', '127.0.0.1.example'])(
  'plain http on %s is refused: everybody who reaches it may do everything',
  (host) => {
    expect(() => readConfig({ ...needed, WINDLASS_HTTP_HOST: host })).toThrow(/HTTP_HOST: plain http is for loopback/);
  },
);

test('lists are separated by commas', () => {
  const config = readConfig({ ...needed, WINDLASS_ETCD_ENDPOINTS: 'https://a:2379, https://b:2379,' });
  expect(config.WINDLASS_ETCD_ENDPOINTS).toEqual(['https://a:2379', 'https://b:2379']);
});

test('what Temporal keeps is encrypted unless told, and decoded for pages of origins that are none but origins', () => {
  const { WINDLASS_TEMPORAL_PAYLOADS: payloads, WINDLASS_TEMPORAL_UI_ORIGINS: origins } = readConfig(needed);
  expect([payloads, origins]).toEqual(['encrypted', []]);
  const read = (given: string) => readConfig({ ...needed, WINDLASS_TEMPORAL_UI_ORIGINS: given }).WINDLASS_TEMPORAL_UI_ORIGINS; // prettier-ignore
  expect(read('http://127.0.0.1:8233,https://t.example,http://[::1]:8233')).toHaveLength(3);
  for (const none of ['*', 'null', 't.example', 'https://t.example/', 'https://T.example'])
    expect(() => read(`http://127.0.0.1:8233,${none}`)).toThrow('WINDLASS_TEMPORAL_UI_ORIGINS: must be origins');
});

test('every bad value is reported at once, by name', () => {
  const bad = { WINDLASS_HTTP_PORT: 'http', WINDLASS_LOG_LEVEL: 'loud', WINDLASS_TEMPORAL_TLS_CA: 'ca.crt' };
  const message = (() => {
    try {
      readConfig(bad);
      return 'accepted';
    } catch (err) {
      return (err as Error).message;
    }
  })();
  for (const name of [...Object.keys(needed), 'WINDLASS_HTTP_PORT', 'WINDLASS_LOG_LEVEL'])
    expect(message).toContain(`  ${name}: `);
  expect(message).toContain('(got "loud")');
  expect(message).toContain('  WINDLASS_TEMPORAL_TLS_CERT: is required when another WINDLASS_TEMPORAL_TLS_* is given');
});

test('every file that cannot be used is reported at once, and no content of it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-config-'));
  const key = path.join(folder, 'master.key');
  writeFileSync(key, 'not hexadecimal');
  const files = { WINDLASS_CA_CERT: path.join(folder, 'none.crt'), WINDLASS_MASTER_KEY_FILE: key };
  const error = await readFiles(readConfig({ ...needed, ...files })).catch((err: unknown) => err as Error);
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect(message).toContain('WINDLASS_CA_CERT: cannot read');
  expect(message).toContain('WINDLASS_CLIENT_KEY: cannot read "client.key" (ENOENT)');
  expect(message).toContain('WINDLASS_MASTER_KEY_FILE: must hold 32 bytes');
  expect(message).not.toContain('not hexadecimal');
});

const oidc = { WINDLASS_OIDC_ISSUER: 'https://login.example/realms/x', WINDLASS_OIDC_AUDIENCE: 'windlass, other' };

test('an issuer of logins is what its settings say; without one there is none', () => {
  expect(issuerOf(readConfig(needed))).toBeUndefined();
  const more = { WINDLASS_OIDC_ROLES: 'cn=db=admin, oncall=operator', WINDLASS_OIDC_TENANT_CLAIM: 'groups', WINDLASS_OIDC_TENANTS: 'a=acme,all=*' }; // prettier-ignore
  expect(issuerOf(readConfig({ ...needed, ...oidc, ...more }))).toEqual({
    url: 'https://login.example/realms/x',
    audiences: ['windlass', 'other'],
    leewaySeconds: 30,
    keysMs: 3_600_000,
    roleClaim: 'roles',
    roles: new Map([['cn=db', 'admin'], ['oncall', 'operator']]), // prettier-ignore
    tenantClaim: 'groups',
    tenants: new Map([['a', 'acme'], ['all', '*']]), // prettier-ignore
  });
});

test.each([
  [{ WINDLASS_OIDC_AUDIENCE: 'x' }, 'WINDLASS_OIDC_ISSUER: is required when WINDLASS_OIDC_AUDIENCE is given'],
  [{ WINDLASS_OIDC_ISSUER: 'https://login.example' }, 'WINDLASS_OIDC_AUDIENCE: is required when WINDLASS_OIDC_ISSUER is given'],
  [{ ...oidc, WINDLASS_OIDC_AUDIENCE: ' , ' }, 'WINDLASS_OIDC_AUDIENCE: must name whom its tokens are for'],
  [{ ...oidc, WINDLASS_OIDC_ISSUER: 'http://login.example' }, 'WINDLASS_OIDC_ISSUER: must be https; plain http is for an issuer on this machine'],
  [{ ...oidc, WINDLASS_OIDC_ISSUER: 'login.example' }, 'WINDLASS_OIDC_ISSUER: Invalid URL'],
  [{ ...oidc, WINDLASS_OIDC_ROLES: 'sre=root' }, 'WINDLASS_OIDC_ROLES: must be <value of the claim>=<viewer|operator|admin>, separated by commas'],
  [{ ...oidc, WINDLASS_OIDC_ROLES: 'sre' }, 'WINDLASS_OIDC_ROLES: must be'],
  [{ ...oidc, WINDLASS_OIDC_TENANTS: 'a=acme' }, 'WINDLASS_OIDC_TENANT_CLAIM: is required when WINDLASS_OIDC_TENANTS is given'],
  [{ ...oidc, WINDLASS_OIDC_TENANT_CLAIM: 'x', WINDLASS_OIDC_TENANTS: 'a=No_Good' }, 'WINDLASS_OIDC_TENANTS: must be'],
  [{ ...oidc, WINDLASS_OIDC_LEEWAY_SECONDS: '3600' }, 'WINDLASS_OIDC_LEEWAY_SECONDS: '],
] as const)('%j does not start: %s', (env, why) => {
  expect(() => readConfig({ ...needed, ...env })).toThrow(`  ${why}`);
}); // prettier-ignore
