import { parseHbaLine, parseIdentLine } from './index.ts';

const texts = (field: readonly { text: string }[] | undefined) => field?.map((token) => token.text);

describe('parseHbaLine', () => {
  it.each([
    ['host all all 10.0.0.0/8 scram-sha-256', ['all'], ['all']],
    ['  host\tshop, other  "a b",c 10.0.0.1 255.255.255.255 md5 # why', ['shop', 'other'], ['a b', 'c']],
    ['hostssl "sh""op" /^a.*$ ::/0 cert clientcert=verify-full map="m x"', ['sh"op'], ['/^a.*$']],
    ['local all all peer map=people', ['all'], ['all']],
    ['host all +staff .example.com reject', ['all'], ['+staff']],
    ['hostnossl replication all samenet trust', ['replication'], ['all']],
  ])('%s', (line, databases, users) => {
    const entry = parseHbaLine(line);
    expect(texts(entry?.databases)).toEqual(databases);
    expect(texts(entry?.users)).toEqual(users);
  });
  it.each(['', '   ', '# host all all all trust', '\t# x', 'include other.conf'])('has no entry in %j', (line) => {
    expect(parseHbaLine(line)).toBeUndefined();
  });
  it.each([
    ['host all "all 10.0.0.0/8 md5', 'unterminated quoted string'],
    ['hosts all all all md5', 'unknown connection type "hosts"'],
    ['include', 'include requires exactly one path argument'],
    ['include_dir a b', 'include_dir requires exactly one path argument'],
    ['local all all', 'local entry requires database, user, and an auth method'],
    ['host all all 10.0.0.0/8', 'host entry requires database, user, address, and an auth method'],
    ['hostssl all all 10.0.0.1 255.0.0.0', 'hostssl entry requires database, user, address, and an auth method'],
    ['host all all 10.0.0.0/33 md5', 'invalid address "10.0.0.0/33"'],
    ['host all all 10.0.0.1 md5', 'invalid mask "md5" for address "10.0.0.1"'],
    ['host all all all magic', 'auth method "magic" cannot be used in a host entry'],
    ['host all all all cert', 'auth method "cert" cannot be used in a host entry'],
    ['host all all all md5 map', 'authentication option "map" is not of the form name=value'],
    [
      'host all all all scram-sha-256 clientcert=verify-full',
      'option "clientcert" can only be used in a hostssl entry',
    ],
    ['hostssl all all all md5 clientcert=1', 'option "clientcert" must be one of verify-ca, verify-full'],
    ['hostssl all all all cert clientcert=verify-ca', 'must be verify-full with the auth method "cert"'],
    ['host all all all radius', 'auth method "radius" requires the option "radiusservers"'],
    ['host all all all radius radiusservers=a', 'auth method "radius" requires the option "radiussecrets"'],
    [
      'host all all all radius "radiusservers=a,b,c" "radiussecrets=x,y"',
      'option "radiussecrets" must have one item, or one',
    ],
    ['host all all all ldap', 'auth method "ldap" requires the option "ldapbasedn", "ldapprefix" or "ldapsuffix"'],
    ['host all all all ldap ldapprefix=uid= ldapbasedn=dc=x', 'option "ldapbasedn" cannot be used beside "ldapprefix"'],
    ['host all all all ldap ldapprefix=a ldapport=0', 'option "ldapport" must be the number of a port'],
    ['host all all all oauth issuer=https://x', 'auth method "oauth" requires the option "scope"'],
    ['host all all all md5 map=people', 'option "map" cannot be used with the auth method "md5"'],
    ['host all all all reject no_such=1', 'unknown option "no_such"'],
    ['host all windlass all trust', '"windlass" is reserved for system use'],
    ['host all bob,"windlass" all trust', '"windlass" is reserved for system use'],
    ['host all +windlass all trust', '"windlass" is reserved for system use'],
    ['host replication patroni_replicator all trust', '"patroni_replicator" is reserved for system use'],
    ['host all @people all trust', 'user must not be read from a file'],
    ['host all all all trust \\', 'must not end with a backslash, which would swallow the next line'],
    ['# quiet \\', 'must not end with a backslash, which would swallow the next line'],
    ['host all all all trust\nhost all windlass all trust', 'must not contain a line break or NUL'],
  ])('refuses %j', (line, message) => {
    expect(() => parseHbaLine(line)).toThrow(message);
  });
});

describe('parseIdentLine', () => {
  it('reads a mapping', () => {
    expect(parseIdentLine('people "alice x" app # ok')).toEqual({ map: 'people', systemUser: 'alice x', role: 'app' });
    expect(parseIdentLine(' # nothing')).toBeUndefined();
  });
  it.each([
    ['people alice', 'pg_ident entry requires map-name, system-username, and postgres-username'],
    ['people alice app more', 'pg_ident entry requires map-name, system-username, and postgres-username'],
    ['people alice windlass', '"windlass" is reserved for system use'],
    ['people alice "windlass"', '"windlass" is reserved for system use'],
    ['windlass alice app', 'map "windlass" is reserved for system use'],
    ['people alice @file', 'role must not be read from a file'],
  ])('refuses %j', (line, message) => {
    expect(() => parseIdentLine(line)).toThrow(message);
  });
});
