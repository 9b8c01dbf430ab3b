/** Within a message: Postgres begins further lines of one with a tab. */
const WITHIN = String.raw`\n\t`;
/** A literal: closed within a thousand characters, or else to the end of the message; or quoted with dollars. */
const LITERAL = String.raw`(?:[eu]?&?'(?:[^'\\\n]|''|\\.|${WITHIN}){0,1000}'|\$(\w*)\$(?:[^\n]|${WITHIN}){0,1000}?\$\2\$|(?:[eu]?&?'|\$\w*\$)[^\n]*(?:${WITHIN}[^\n]*)*)`;
/** `PASSWORD 'x'`, also over several lines. */
const STATEMENT = new RegExp(String.raw`(password\s+)${LITERAL}`, 'gi');
/** What Postgres keeps of a password. */
const VERIFIER = /SCRAM-SHA-256\$\d+:[\w+/=]+\$[\w+/=]+:[\w+/=]+|\bmd5[0-9a-f]{32}\b/g;
/** `password=x` of a connection string, in quotes or not. */
const SETTING = /(\b(?:ssl)?password\s*=\s*)(?:''(?:[^'\n])*''|'(?:[^'\\\n]|\\.)*'|"[^"\n]*"|[^\s'"&;,)]+)/gi;
/** `postgresql://user:x@host`. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@'"]*:)[^\s/@'"]+(?=@)/gi;

const HIDDEN = '***';

/**
 * A log without the passwords in it, as far as they can be told from other words: those of statements (Postgres logs one that failed),
 * of connection strings, and what Postgres keeps of them. Lines stay lines.
 */
export const withoutSecrets = (text: string): string =>
  text
    .replace(STATEMENT, (all: string, before: string) => `${before}'${HIDDEN}'${breaksIn(all.slice(before.length))}`)
    .replace(VERIFIER, HIDDEN)
    .replace(SETTING, `$1${HIDDEN}`)
    .replace(URL_PASSWORD, `$1${HIDDEN}`);

const breaksIn = (text: string): string => '\n'.repeat(text.split('\n').length - 1);
