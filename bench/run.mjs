// node bench/run.mjs GROUP… [--repeats N] [--minutes M] [--write] [--keep]
// Measures on a stack of its own (started and removed here), each time beside a raw floor in the same run, and prints a
// markdown table per group. --write puts the tables into docs/performance.md. --minutes bounds each group: what is
// measured by then is shown. --keep leaves the stack running. BENCH_PORT_BASE (14000), BENCH_HOME (/tmp/windlass-bench).
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { GROUPS } from './groups/index.mjs';
import { removeDatabases } from './api.mjs';
import { Samples } from './samples.mjs';
import { ensureStack, removeStack, sh } from './stack.mjs';
import { writeBlock } from './write-block.mjs';

const { names, repeats, minutes, write, keep } = read(process.argv.slice(2));

function read(args) {
  const value = (flag) => (args.includes(flag) ? Number(args[args.indexOf(flag) + 1]) : undefined);
  const known = Object.keys(GROUPS);
  const asked = args.filter((arg, i) => !arg.startsWith('--') && !['--repeats', '--minutes'].includes(args[i - 1]));
  const names = asked.includes('all') ? known : asked;
  if (names.length === 0 || names.some((name) => !known.includes(name))) {
    console.error(`usage: node bench/run.mjs all|${known.join('|')} [--repeats N] [--minutes M] [--write] [--keep]`);
    process.exit(2);
  }
  const flags = { write: args.includes('--write'), keep: args.includes('--keep') };
  return { names, repeats: value('--repeats'), minutes: value('--minutes'), ...flags };
}

async function conditions() {
  const revision = await sh('git', ['rev-parse', '--short', 'HEAD']).catch(() => 'unknown');
  const engine = await sh('docker', ['version', '--format', '{{.Server.Version}}']);
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const load = os.loadavg().map((x) => x.toFixed(1));
  const spin = Math.round(spinMs());
  const when = new Date().toISOString().slice(0, 16).replace('T', ' ');
  return `Measured ${when} UTC at ${revision}: ${os.cpus().length} cores, ${memory} GiB, Docker ${engine}, load of the machine ${load[0]} when it began, an empty loop of 500 million steps took ${spin} ms.`;
}

/** How fast the machine is just now: others use it, too. */
function spinMs() {
  const begun = performance.now();
  for (let i = 0, sum = 0; i < 500_000_000; i += 1) sum += i;
  return performance.now() - begun;
}

/** Runs one group; what goes wrong is told, and what was measured before is kept. */
async function measure(name) {
  const group = GROUPS[name];
  const samples = new Samples();
  const notes = [await conditions()];
  const end = performance.now() + (minutes ?? group.minutes) * 60_000;
  const asked = repeats ?? group.repeats;
  const context = { samples, repeats: asked, notes, left: () => end - performance.now(), rounds };
  /** As often as asked for and as the time allows, at least once. */
  async function* rounds(count = asked) {
    let longest = 0;
    for (let i = 0; i < count; i += 1) {
      const begun = performance.now();
      if (i > 0 && begun + longest > end) return notes.push(`Ended after ${i} of ${count} rounds: the time was over.`);
      yield i;
      longest = Math.max(longest, performance.now() - begun);
    }
  }
  try {
    if (group.hosts > 0) await ensureStack(group.hosts);
    await limited(group.run(context), end + 180_000);
  } catch (err) {
    notes.push(`Ended early: ${err.message.split('\n')[0]}`);
    console.error(err);
    process.exitCode = 1;
  }
  if (group.hosts > 0) await removeDatabases().catch((err) => console.error(`left behind: ${err.message}`));
  const text = [...notes, ...(samples.empty ? [] : [samples.table()])].join('\n\n');
  console.log(`\n## ${name}\n\n${text}`);
  if (write && !samples.empty) await writeBlock(name, text);
  for (const [block, extra] of Object.entries(context.blocks ?? {})) {
    console.log(`\n## ${block}\n\n${extra}`);
    if (write) await writeBlock(block, extra);
  }
}

function limited(work, end) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), end - performance.now());
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

process.on('SIGINT', () => {
  if (!keep) removeStack();
  process.exit(130);
});
for (const name of names) await measure(name);
if (!keep) removeStack();
process.exit();
