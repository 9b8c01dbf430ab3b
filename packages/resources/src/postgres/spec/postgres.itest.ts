import { execFileSync } from 'node:child_process';
import { ODD_NAMES, ODD_PASSWORDS } from './hostile-corpus.ts';
import { makeScramVerifier, parseHbaLine, parseIdentLine } from './index.ts';

const IMAGE = process.env['WINDLASS_POSTGRES_IMAGE'] ?? 'windlass/postgres:17';
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const LINES = [
  'host all all 10.0.0.0/8 scram-sha-256',
  'host a, b ,c 10.0.0.1 255.255.255.255 md5',
  'host shop "a b",c all md5 # why',
  'local all all peer map=people',
  'hostssl "sh""op" /^a.*$ ::/0 cert clientcert=verify-full map="m x"',
  'host all +staff .example.com reject',
  'hostnossl replication all samenet trust',
  'host all a"b c"d all trust',
  'host ,,a,,b ,c all trust',
  'host "all","replication" all samehost password',
  'host all all ::1/128 ldap ldapserver=x "ldapprefix=a b" ldapsuffix=c',
  'host "/^(a|b)+?[a-z0-9_]{1,255}\\.x$" "/\\d\\w\\s " all reject',
  'hostgssenc all all all gss include_realm=0',
  'host all all fe80::1 ffff:: ident',
  'hostssl all all all scram-sha-256 clientcert=verify-ca clientname=CN',
  'host all all all radius "radiusservers=192.0.2.1,192.0.2.2" radiussecrets=s radiusports=1812',
  'host all all all ldap ldapserver=x ldapbasedn=dc=x ldapsearchattribute=uid ldaptls=1',
  'host all all all ldap "ldapurl=ldap://x/dc=y?uid?sub"',
  'host all all all pam pamservice=x',
  ...ODD_NAMES.filter((name) => !name.startsWith('/') || name === '/etc/passwd').map(
    (name) => `host ${quoted(name)} ${quoted(name)} all reject`,
  ),
];

interface Rule {
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly method: string;
  readonly error: string | null;
}
const QUERY = `SELECT json_agg(json_build_object('type', type, 'databases', database, 'users', user_name, 'method', auth_method, 'error', NULLIF(error, 'hostssl record cannot match because SSL is disabled')) ORDER BY line_number) FROM pg_hba_file_rules`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const START = `set -e; export PGDATA=/tmp/pg PGHOST=/tmp PGUSER=postgres; initdb --no-sync -U postgres -E UTF8 --locale=C.UTF-8 >/dev/null
printf 'local all postgres trust\\nhost all all all scram-sha-256\\n' > $PGDATA/pg_hba.conf
pg_ctl -w -o '-k /tmp -c fsync=off' -l /tmp/log start >/dev/null`;

/** On a machine that does much else; most of it is initdb. */
const WITHIN_MS = 110_000;

/** Runs a script in a throw-away Postgres and returns what it prints. */
function inPostgres(script: string): string {
  const args = ['run', '--rm', '-i', '--network', 'none', '--tmpfs', '/tmp:exec', '--entrypoint', 'bash', IMAGE];
  return execFileSync('docker', args, { input: `${START}\n${script}`, encoding: 'utf8', timeout: WITHIN_MS });
}

function attempt(line: string): ReturnType<typeof parseHbaLine> {
  try {
    return parseHbaLine(line);
  } catch (err) {
    throw new Error(`refused: ${line}`, { cause: err });
  }
}

const texts = (field: readonly { readonly text: string }[]): string[] => field.map((token) => token.text);

describe('against a real Postgres', () => {
  it('every line we accept is read by Postgres as we read it', () => {
    const expected = LINES.map((line): Rule => {
      const entry = attempt(line);
      if (entry === undefined) throw new Error(`not an entry: ${line}`);
      return {
        type: entry.type,
        databases: texts(entry.databases),
        users: texts(entry.users),
        method: entry.method,
        error: null,
      };
    });
    const out = inPostgres(`echo ${base64(LINES.join('\n'))} | base64 -d > $PGDATA/pg_hba.conf; psql -XAtc "${QUERY}"`);
    expect(JSON.parse(out)).toEqual(expected);
  });

  it('every mapping we accept is read by Postgres as we read it', () => {
    const names = ODD_NAMES.filter((name) => !name.startsWith('/'));
    const lines = [
      'm a b # why',
      '"m n"\t/^(.*)@x$ all',
      'm "a,b" +c',
      ...names.map((name) => `${quoted(`m${name}`)} ${quoted(name)} ${quoted(name)}`),
    ];
    const view = `SELECT json_agg(json_build_object('map', map_name, 'systemUser', sys_name, 'role', pg_username) ORDER BY line_number) FROM pg_ident_file_mappings`;
    const out = inPostgres(
      `echo ${base64(lines.join('\n'))} | base64 -d > $PGDATA/pg_ident.conf; psql -XAtc "${view}"`,
    );
    expect(JSON.parse(out)).toEqual(lines.map((line) => parseIdentLine(line)));
  });

  it('a verifier we make lets exactly its password in', () => {
    const roles = ODD_PASSWORDS.map(
      (password, i) => `CREATE ROLE u${i} LOGIN PASSWORD '${makeScramVerifier(password)}';`,
    ).join('\n');
    const login = ODD_PASSWORDS.map(
      (password, i) => `check ${i} ${base64(password)}; check ${i} ${base64(`${password}!`)}`,
    ).join('\n');
    const check = `check() { p="$(echo $2 | base64 -d; printf x)"; PGPASSWORD="\${p%x}" psql -XAtqw -h 127.0.0.1 -U u$1 -d postgres -c 'SELECT 1' 2>/dev/null || echo refused; }`;
    const out = inPostgres(`psql -Xq <<'SQL'\n${roles}\nSQL\n${check}\n${login}`);
    expect(out.trim().split('\n')).toEqual(ODD_PASSWORDS.flatMap(() => ['1', 'refused']));
  });
});
