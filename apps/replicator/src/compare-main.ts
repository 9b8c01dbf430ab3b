import { once } from 'node:events';
import { readCompareInput } from './compare-input.ts';
import { runCompare } from './run-compare.ts';

/** A line of progress is written this often at most, in ms. */
const TELL_MS = 1000;

/** Lines on the standard output, each one JSON: `{"progress":"…"}`, at the end `{"result":{…}}` or `{"error":"…"}`. */
const write = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

let told = 0;
function tell(progress: string): void {
  if (Date.now() - told < TELL_MS) return;
  told = Date.now();
  write({ progress });
}

const ending = new AbortController();
void Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]).then(() => ending.abort());

try {
  write({ result: await runCompare(readCompareInput(process.argv[2]), tell, ending.signal) });
  process.exitCode = 0;
} catch (err) {
  write({ error: err instanceof Error ? err.message : String(err) });
  process.exitCode = 1;
}
