import { exportPgOptionsFor } from '../spec/own-sessions.ts';

/**
 * Every database that can be entered, as an address that psql takes whatever its name is, each byte as in the server's own
 * encoding. `names`: only these; absent: all.
 */
export function databasesToProve(names?: readonly string[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const only = names ? ` AND datname IN (${names.map(quoted).join(', ')})` : '';
  return `SELECT 'postgresql:///' || regexp_replace(encode(convert_to(datname::text, getdatabaseencoding()), 'hex'), '(..)', '%\\1', 'g')
FROM pg_catalog.pg_database WHERE datallowconn AND datconnlimit <> -2${only} ORDER BY datname;
`;
}

/**
 * Run in one database: reads the first page of every file its catalogs name, those of indexes and of long values, too, and
 * tells the first that are not there. What belonged to sessions that ended is no loss. A page that cannot be read is an error.
 */
export const LOST_FILES = `SELECT format('ERROR:  database "%s" has no file for %s: %s', current_database(), c.oid::regclass, f.path)
FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_relation_filepath(c.oid) AS f (path)
WHERE c.relpersistence <> 't' AND f.path IS NOT NULL AND pg_read_binary_file(f.path, 0, 8192, true) IS NULL
LIMIT 3;
`;

/**
 * Shell functions. `calm` is psql; its session takes nothing from what the databases set, and calls nothing of theirs.
 * `make_room` answers a recovery that ended because WAL tells of a tablespace whose place is not there: it makes one, in the
 * copy's own directory, and fails where that is impossible. `prove` tells of what is lost; it fails then.
 */
export const PROOF = `
major=$(postgres -V | sed 's/[^0-9]*\\([0-9]*\\).*/\\1/')
${exportPgOptionsFor('"$major"')}
calm() { psql -X -q -A -t -v ON_ERROR_STOP=1 -U windlass "$@" < /dev/null; }
make_room() {
  missing=$(sed -n 's/.*FATAL:  directory "\\(.*\\)" does not exist$/\\1/p' "$1" | tail -n 1)
  [ -n "$missing" ] || return 1
  case $missing/ in
    */../*) ;;
    /windlass/data/?*) [ ! -d "$missing" ] && mkdir -p -m 700 "$missing" && return 0 ;;
  esac
  echo "ERROR:  the tablespace at '$missing', made after the backup, lies outside of /windlass/data: it cannot be kept apart" >&2
  return 1
}
prove() {
  calm -h "$1" -d postgres -f "$1/databases.sql" > "$1/databases"
  : > "$1/lost"
  while IFS= read -r database; do
    echo "reading a page of every file of $database"
    calm -h "$1" -d "$database" -f "$1/lost.sql" >> "$1/lost" || return 1
  done < "$1/databases"
  [ -s "$1/lost" ] || return 0
  head -n 3 "$1/lost" >&2
  return 1
}
`;
