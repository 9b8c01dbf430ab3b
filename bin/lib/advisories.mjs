// Asks the registry for known holes in what the programs run with. Ends with 0: there are none; 1: there are, which are printed; 75: nobody answered.
import { spawnSync } from 'node:child_process';

const WITHIN_MS = 45_000;
const { stdout = '', stderr = '' } = spawnSync('pnpm', ['audit', '--prod', '--json'], { encoding: 'utf8', timeout: WITHIN_MS, maxBuffer: 2 ** 26 }); // prettier-ignore
const answer = parsed(stdout);
if (!answer?.metadata) {
  console.log(`no advisory service answers: ${(`${stdout}${stderr}`.match(/ERR_\w+|responded with \d+/g) ?? ['it was silent']).join(', ')}`); // prettier-ignore
  process.exit(75);
}
const found = Object.values(answer.advisories ?? {});
for (const { module_name: name, severity, title, url } of found) console.log(`${severity}: ${name}: ${title} (${url})`);
process.exit(found.length > 0 ? 1 : 0);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
