#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { createPrograms } from './programs.ts';
import { run } from './run.ts';
import { plainly, writerTo } from './output/plainly.ts';

const interrupt = new AbortController();
let interruptedAt = 0;
/** Who presses it again later means it; one that comes at once, from whoever started the command, is the same one. */
const onInterrupt = (): void => {
  if (interrupt.signal.aborted && Date.now() - interruptedAt > 1000) process.exit(130);
  if (!interrupt.signal.aborted) interruptedAt = Date.now();
  interrupt.abort();
};
process.on('SIGINT', onInterrupt);

const unheard = new AbortController();
// What was asked for is done all the same, and the status says how it ended.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (err: NodeJS.ErrnoException) => {
    if (err.code !== 'EPIPE') throw err;
    if (stream === process.stdout) unheard.abort();
  });

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await asked.question(`${plainly(question)} [y/N] `, { signal: interrupt.signal }));
  } finally {
    asked.close();
  }
}

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  isTTY: process.stdout.isTTY,
  live: process.stderr.isTTY ? process.stderr : undefined,
  interrupted: interrupt.signal,
  unheard: unheard.signal,
  out: writerTo(process.stdout),
  err: writerTo(process.stderr),
  confirm,
  readInput: () => text(process.stdin),
  programs: createPrograms(process.env, onInterrupt),
});
