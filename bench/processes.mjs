// CPU time and memory of processes of the stack, from /proc.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pidOf } from './stack.mjs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}
const rssMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Per process: percent of a core over the time, and resident memory at its end. */
export async function usage(names, seconds) {
  return Promise.all(names.map(async (name) => ({ name, ...(await cpuAndMemory(pidOf(name), seconds)) })));
}
/** The same of one process by its id. */
export async function cpuAndMemory(pid, seconds) {
  const [before, begun] = [cpuMs(pid), performance.now()];
  await sleep(seconds * 1000);
  return { cpu: ((cpuMs(pid) - before) * 100) / (performance.now() - begun), rss: rssMb(pid) };
}
export const total = (parts, key) => parts.reduce((sum, part) => sum + part[key], 0);
