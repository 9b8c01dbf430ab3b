/**
 * The statuses of gRPC that say no for good: the request itself is wrong, whoever answers and whenever it is asked again.
 * FAILED_PRECONDITION and RESOURCE_EXHAUSTED (a rate) pass, NOT_FOUND and UNAUTHENTICATED may be about what is just being made.
 */
const FINAL: ReadonlyMap<number, string> = new Map([
  [3, 'INVALID_ARGUMENT'],
  [7, 'PERMISSION_DENIED'],
  [11, 'OUT_OF_RANGE'],
  [12, 'UNIMPLEMENTED'],
]);
const RESOURCE_EXHAUSTED = 8;
/** No rate, but a limit. */
const TOO_LONG = /larger than max|exceeds? .*limit/i;

/** Why a call was refused for good, in one line; undefined when another attempt may succeed. Looks through wrapped errors. */
export function refusalOf(err: unknown): string | undefined {
  for (let e: unknown = err; e instanceof Error; e = e.cause) {
    const { code, details } = e as { code?: unknown; details?: unknown };
    if (typeof code !== 'number') continue;
    const said = (typeof details === 'string' && details !== '' ? details : e.message).split('\n')[0] ?? '';
    if (FINAL.has(code) || (code === RESOURCE_EXHAUSTED && TOO_LONG.test(said))) return said.slice(0, 200);
  }
  return undefined;
}
