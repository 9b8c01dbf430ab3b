/** SQLSTATE, and nothing of Node's: `EPIPE` has five capitals, too. No class of Postgres begins with an E. */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/;

/** Postgres' own code of an error; absent: it did not answer. */
export function sqlStateOf(err: unknown): string | undefined {
  const { code } = err as { code?: string };
  return code !== undefined && SQLSTATE.test(code) ? code : undefined;
}
