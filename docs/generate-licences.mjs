// Prints docs/licences.md from what pnpm knows of the installed packages: pnpm run docs writes it. Fails for a licence that is not allowed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { billOfMaterials } from '../bin/lib/bill-of-materials.mjs';

/** Of what programs are made of: all may be passed on inside of another program that is under Apache-2.0. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense', 'CC-BY-4.0']; // prettier-ignore

/** Of one system only: what is installed here is not what is installed elsewhere. */
const lock = readFileSync(path.join(import.meta.dirname, '../pnpm-lock.yaml'), 'utf8');
const ofOneSystem = new Set(
  lock
    .split(/\n(?=  \S)/)
    .filter((entry) => /^    (cpu|os): /m.test(entry))
    .map((entry) => /^  '?(@?[^@']+@[^':(]+)/.exec(entry)?.[1]),
);

const nameOf = ({ group, name }) => (group === undefined ? name : `${group}/${name}`);
const licenceOf = ({ licenses = [] }) => licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(' AND '); // prettier-ignore
const all = billOfMaterials().components.filter((one) => !one['bom-ref'].startsWith('pkg:deb/'));
const refused = all.filter((one) => licenceOf(one).split(/ (?:AND|OR) |[()]/).filter(Boolean).some((id) => !ALLOWED.includes(id)) || licenceOf(one) === ''); // prettier-ignore
if (refused.length > 0)
  throw new Error(`not allowed: ${refused.map((one) => `${nameOf(one)}@${one.version}: ${licenceOf(one) || 'says no licence'}`).join(', ')}`); // prettier-ignore

const shown = all.map((one) => [licenceOf(one), `${nameOf(one)}@${one.version}`]).filter(([, name]) => !ofOneSystem.has(name)); // prettier-ignore
const licences = [...new Set(shown.map(([licence]) => licence))].sort();
const of = (licence) => shown.filter(([one]) => one === licence).map(([, name]) => name).sort(); // prettier-ignore
process.stdout.write(
  `# Licences\n\nGenerated from what the programs run with, by \`pnpm run docs\`: packages of npm, and programs that \`bin/lib\` builds or takes from PyPI. Windlass itself is under
Apache-2.0. A licence that is not on the list in \`docs/generate-licences.mjs\` fails \`bin/test\`. Packages of one system alone (\`@swc/core-linux-x64-gnu\`) are checked, too,
and not shown. What the images take from Debian has its licence in the image: \`/usr/share/doc/*/copyright\`. All of it as CycloneDX: \`pnpm run --silent sbom\`.

${licences.map((licence) => `## ${licence}\n\n${of(licence).join(', ')}\n`).join('\n')}`,
);
