/** One message of Postgres' log, with the line of a file it is about. */
interface LogMessage {
  readonly level: string;
  readonly text: string;
  readonly where?: string;
}

const MESSAGE = /(?:^|\s)(LOG|WARNING|ERROR|FATAL|PANIC|CONTEXT|DETAIL|HINT):\s+(.*)$/;
/** What the postmaster writes before it has a log. */
const EARLY = /^postgres: (?!error)(.+)$/;
/** FATAL lines that only say that there was a reason, which stands before them. */
const SAYS_NO_REASON = /^could not load |^configuration file .* contains errors/;
/** What a client is told, or a process of a standby says: none of it keeps Postgres from starting. */
const NOT_OF_THE_START =
  /^(the database system is |password authentication|no pg_hba|pg_hba\.conf rejects|role ".*" (does not exist|is not permitted)|database ".*" (does not exist|is not)|certificate authentication|Peer authentication|peer authentication|terminating |remaining connection|sorry, too many|connection to client|canceling |could not (connect to the primary|receive data from WAL|send (data|end-of))|expected .*startup packet|unsupported frontend|too many connections|must be |permission denied for|could not start WAL streaming|replication slot|requested (WAL|starting point)|invalid value for parameter "(client_encoding|application_name))/;
/** With our prefix of log lines a session's have user and database. */
const OF_A_SESSION = /^\S+ \S+ \S+ \[\d+\] \S*@\S* /;

/**
 * Why Postgres did not start, as it says itself in its log: the last reason in it, in one line; undefined when it says none.
 * Paths of files are left out but for their names.
 */
export function startFailure(log: string): string | undefined {
  const messages = read(log);
  const last = messages.findLastIndex(({ level, text }) => /FATAL|PANIC/.test(level) && !NOT_OF_THE_START.test(text));
  const found = messages[last];
  if (!found) return undefined;
  if (!SAYS_NO_REASON.test(found.text)) return sentence(found);
  const since = messages
    .slice(0, last)
    .findLastIndex(({ level, text }) => level === 'FATAL' || /^starting /.test(text));
  const reasons = messages.slice(since + 1, last).filter(isReason);
  return [...new Set((reasons.length > 0 ? reasons : [found]).map(sentence))].slice(0, 5).join('; ');
}

/** How often the log says the reason it says last: Postgres was started again, for nothing. */
export function timesSaid(log: string): number {
  const messages = read(log).filter(({ level, text }) => /FATAL|PANIC/.test(level) && !NOT_OF_THE_START.test(text));
  const last = messages.at(-1);
  return messages.filter(({ text }) => text === last?.text).length;
}

/**
 * Reasons that stay what they are until somebody changes the settings; others, such as a port that is still taken, may pass
 * by themselves.
 */
export const isOfSettings = (reason: string): boolean =>
  /configuration|parameter|pg_hba|pg_ident|shared memory|huge page|reserved_connections|max_|could not access file|could not load library|wal_level|insufficient|too many replication|prepared transactions|invalid (value|list)/i.test(
    reason,
  );

const isReason = ({ level, text, where }: LogMessage): boolean =>
  !/because SSL is disabled$/.test(text) && // of a trial, which has no certificates
  (level === 'ERROR' ||
    where !== undefined ||
    (level === 'LOG' && /parameter|configuration|syntax|value|could not/.test(text)));

/** Until PostgreSQL 15 without its line. */
const OF_A_LINE = /^invalid regular expression /;

/** What Postgres found wrong in lines of its files although it started: a file with such a line is not loaded. */
export const complaints = (log: string): string[] =>
  read(log)
    .filter((message) => (message.where !== undefined && isReason(message)) || OF_A_LINE.test(message.text))
    .map(sentence);

function read(log: string): LogMessage[] {
  const messages: LogMessage[] = [];
  for (const line of log.split('\n')) {
    const early = EARLY.exec(line.trim())?.[1];
    const [, level, text] = early === undefined ? (MESSAGE.exec(line) ?? []) : ['', 'FATAL', early];
    if (level === undefined || text === undefined || OF_A_SESSION.test(line)) continue;
    const before = messages.at(-1);
    if (level === 'CONTEXT' && before) messages[messages.length - 1] = { ...before, where: text };
    else if (level !== 'DETAIL' && level !== 'HINT') messages.push({ level, text });
  }
  return messages;
}

const sentence = ({ text, where }: LogMessage): string =>
  withoutPaths(where === undefined ? text : `${where}: ${text}`).slice(0, 500);

const withoutPaths = (text: string): string =>
  text
    .replace(/ in file "\S+" line \d+/, '')
    .replace(/"?\/(?:[\w.-]+\/)+(?:pg_)?(hba|ident|postgresql|conf)(?:\.base)?(?:\.conf)?"?/g, (_all, name: string) =>
      name === 'hba' || name === 'ident' ? `pg_${name}.conf` : 'postgresql.conf',
    );
