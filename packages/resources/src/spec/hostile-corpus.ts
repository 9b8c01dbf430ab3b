/** Names that are hostile to quoting, shells, files and logs, and that Postgres itself allows: they have to arrive unchanged. */
export const ODD_NAMES = [
  `a'b`, `a"b`, `a""b`, `"`, `'`, `''`, `'; DROP TABLE users; --`, `"; DROP DATABASE postgres; --`, `a;b`, `a--b`, `/* x */`, `$$`, `$1`, `$tag$x$tag$`, `a\\b`, `\\`, `\\'`, `E'x'`,
  `U&"x"`, `a b`, ` a`, `a `, `.`, `..`, `../x`, `/etc/passwd`, `a/b`, `%s`, `%n%n`, `{{7*7}}`, '${HOME}', '$(id)', '`id`', `&&id`, `|id`, `>x`, `<x`, `*`, `?`, `[a]`, `~`, `!x`, `#x`, `@x`, `+x`, `-rf`,
  `--help`, `all`, `replication`, `sameuser`, `samerole`, `Windlass`, `WINDLASS`, `PG_x`, `Pg_x`, `pgx`, `user`, `select`, `current_user`, `session_user`, `null`, `true`, `0`, `-1`, `1e3`, `NaN`,
  `constructor`, `prototype`, `toString`, `hasOwnProperty`, `valueOf`, `é`, `e\u0301`, `ß`, `İ`, `日本`, `🦆`, `👩‍👩‍👧`, `\u202eabc`, `a\u200bb`, `\ufeffa`, `a\u00a0b`, `ﬀ`, `Å`, `\u212b`,
  `a=b`, `a,b`, `a:b`, `(a)`, `<script>`, `&amp;`, `yes`, `~~~`, `a&b`, `a%00b`, `a%0ab`, `\\n`, `\\0`, `\\x00`, `\\u0000`,
]; // prettier-ignore

/** Names that must be refused wherever a role or database is named. */
export const BAD_NAMES = [
  '', 'a\0b', '\0', 'a\nb', 'a\r\nb', '\n', '\t', 'a\u0007', '\u001b[31m', '\u007f', '\u0085', 'a\u2028b', 'a\u2029b', '\ud800', 'a\udfffb', 'x'.repeat(64), 'é'.repeat(32), '🦆'.repeat(16), 'x'.repeat(100_000),
]; // prettier-ignore

/** Reserved roles. */
export const RESERVED_NAMES = [
  'windlass',
  'patroni_replicator',
  'pg_',
  'pg_monitor',
  'pg_x',
  'public',
  'none',
  'pgedge_superuser',
];

/** Passwords: any text that is not empty and has no NUL. */
export const ODD_PASSWORDS = [
  ...ODD_NAMES, 'a\nb', '\t', '\u0007', '\u001b[31m', 'a\u2028b', 'x'.repeat(1024), '🦆'.repeat(1024), 'md5d41d8cd98f00b204e9800998ecf8427e',
  'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA', ' ', '\u00ad', 'password', '"', '\\', `' OR 1=1`,
]; // prettier-ignore
export const BAD_PASSWORDS = ['', 'a\0b', '\ud800', 'x'.repeat(1025)];

/** Names of settings that must be refused: owned, not a name, or a directive. */
export const BAD_SETTINGS = [
  '', ' ', 'port', 'PORT', ' port ', 'Port', 'listen_addresses', 'data_directory', 'hba_file', 'HBA_FILE', ' hba_file', 'ident_file\t', 'config_file', 'ssl', 'ssl_cert_file', 'SSL_ca_file', 'ssl_anything',
  'wal_level', 'hot_standby', 'archive_mode', 'archive_command', 'archive_library', 'restore_command', 'primary_conninfo', 'primary_slot_name', 'cluster_name', 'unix_socket_directories', 'external_pid_file',
  'include', 'include_if_exists', 'include_dir', 'recovery_target_time', 'a b', 'a=b', "a'b", 'a"b', 'a;b', 'a#b', 'a\nb', 'a.b.c', '.a', 'a.', '1a', 'a-b', 'a$b', 'é', 'work_mem=1\nport', '__proto__', '\0', 'x'.repeat(128), 'wörk',
  'allow_alter_system', 'synchronous_standby_names', 'archive_cleanup_command', 'recovery_end_command', 'unix_socket_permissions',
]; // prettier-ignore

/** Values of settings that must arrive unchanged, and those that must be refused. */
export const ODD_VALUES = [
  `it's`,
  `''`,
  `'`,
  `\\'`,
  '$user, public',
  `x'; port = 1; --`,
  '#',
  '',
  ' ',
  '%m [%p] ',
  '\t',
  '日本',
  '${X}',
  '$(id)',
  0,
  -1,
  1.5,
  true,
  false,
  Number.MAX_SAFE_INTEGER,
];
export const BAD_VALUES = [
  'a\nb',
  'a\rb',
  'a\0b',
  'a\u2028b',
  '\ud800',
  null,
  [],
  {},
  ['x'],
  { a: 1 },
  Infinity,
  NaN,
  1e300 * 10,
  2 ** 60,
  'x'.repeat(8193),
];

/** Lines of pg_hba.conf that must be refused. */
export const BAD_HBA = [
  'host', 'host all', 'host all all', 'host all all all', 'hostx all all all md5', '"', 'host all "all all all md5', 'host all all all md5\nhost all all all trust', 'host all all all md5\r', 'a\0', 'host all all all trust \\', '# \\', '\\',
  'host all windlass all trust', 'host all "windlass" all trust', 'host all +windlass all trust', 'host all a,windlass all trust', 'host all a, windlass all trust', 'host all wind"lass" all trust', 'local all windlass trust', 'hostssl all patroni_replicator all trust',
  'host replication patroni_replicator 0.0.0.0/0 trust', 'host windlass all all trust', 'host @f all all trust', 'host all @f all trust', 'host all a,@f all trust', 'host all all 1.2.3.4 trust', 'host all all 1.2.3.4/99 trust', 'host all all 1.2.3.999/8 trust',
  'host all all a/b trust', 'host all all $(id) trust', 'host all all 1.2.3.4 ::1 trust', 'host all all all,samenet trust', 'host all all all trust,md5', 'host all all all exec', 'host all all all peer', 'host all all all cert', 'local all all cert', 'local all all gss',
  'host all all all md5 x', 'host all all all md5 =x', 'host all all all md5 X=1,b=2', 'host "" all all md5', 'host all "" all md5', 'host all all "" md5', 'include', 'include a b', 'include_dir', 'local,host all all all md5', 'x'.repeat(5000), 'host all all all md5\u2028x', 'host all all all md5\u0085x', 'host all all "all" md5',
]; // prettier-ignore

/** Paths that are not absolute and clean. */
export const BAD_PATHS = [
  '',
  'a',
  './a',
  '../a',
  '/',
  '//',
  '/a//b',
  '/a/',
  '/a/.',
  '/a/..',
  '/a/../b',
  '/..',
  '/./a',
  '/a\nb',
  '/a\0b',
  '/a\u2028',
  '\\a',
  'C:\\a',
  '~',
  '$HOME',
  'file:///a',
  `/${'x'.repeat(256)}`,
];

/** Keys of labels that are reserved or not keys. */
export const BAD_LABELS = [
  '', 'pgedge.', 'pgedge.host.id', 'PGEDGE.x', 'PgEdge.component', 'windlass.', 'windlass.managed', 'Windlass.x', 'com.docker.swarm', 'a b', 'a=b', 'a\nb', 'a\0b', '__proto__', '.a', '-a', '/a', 'é', '"', "'", '{{.ID}}', 'x'.repeat(255), ' pgedge.x', '\tpgedge.x',
]; // prettier-ignore
