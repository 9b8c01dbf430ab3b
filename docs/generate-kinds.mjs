// Prints docs/kinds.md from the kinds themselves: pnpm run docs (after a build) writes it.
// Schemas say which fields there are; a spec of placeholders shows what the functions of a kind make of them; the comments
// in the source say what they mean.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { kinds } from '../packages/resources/dist/postgres/kinds/index.js';

const { z } = createRequire(new URL('../packages/resources/package.json', import.meta.url))('zod');
const FOLDER = new URL('../packages/resources/src/postgres/kinds/', import.meta.url);
const sources = readdirSync(FOLDER)
  .filter((name) => /^[a-z-]+\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));

const sourceOf = (kind) => sources.find(({ text }) => text.includes(`kind: '${kind}',`));
const oneLine = (comment) =>
  comment
    .replace(/\/\*\*|\*\/|^\s*\*(?!\/)/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
const cell = (text) => text.replaceAll('|', '\\|');
const list = (items, none) => (items.length === 0 ? none : items.join(', '));

/** The comment right above `export const … = defineResource({`. */
function meaningOf({ name, text }) {
  const before = text.slice(0, text.search(/export const \w+ = defineResource\(/));
  const comment = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*$/.exec(before)?.[1];
  if (comment === undefined) throw new Error(`the kind of ${name} has no comment that says what it is`);
  return oneLine(comment);
}

/** The comment above a field, where it has one. */
const commentOf = (text, field) =>
  oneLine(new RegExp(`(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\s*${field}: z`).exec(text)?.[1] ?? '');

function typeOf(schema) {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object' && schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`;
  if (schema.type === 'object') return `map to ${typeOf(schema.additionalProperties ?? {})}`;
  return schema.type ?? 'any';
}

/** A value of the schema in which every text is the name of its field. */
function placeholder(schema, name) {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return placeholder(schema.anyOf[0], name);
  if (schema.type === 'array') return [placeholder(schema.items, name)];
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, value]) => [key, placeholder(value, key)]),
    );
  if (schema.type === 'integer' || schema.type === 'number') return 1;
  return schema.type === 'boolean' ? true : `<${name}>`;
}

const refOf = ({ kind, id, of }) => `\`${of ? `${of.kind}/${of.id}/` : ''}${kind}::${id}\``;
const executorOf = (executor) =>
  ({
    any: () => 'any worker',
    manager: () => 'a host that is a manager of the swarm',
    host: ({ hostId }) => `the host \`${hostId}\``,
    primary: ({ node }) => `the host of the primary of \`${node}\``,
  })[executor.on](executor);
const dependencyOf = ({ ref, output, anyOf }) =>
  refOf(ref) + (output ? ' (done again when its status changes)' : '') + (anyOf ? ' (one of several)' : '');

const schemaOf = (type) => z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' });

function fieldsOf(title, schema, text) {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, value]) => {
    const type = `${typeOf(value)}${required.has(name) ? '' : ', optional'}`;
    return `| \`${name}\` | ${cell(type)} | ${cell(commentOf(text, name))} |`;
  });
  return `\n| ${title} | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function replacedWhen({ update, immutable = [], replaces }) {
  if (!update) return 'on every change';
  const some = replaces ? ['on some changes; the plan says which'] : [];
  const fields = immutable.length > 0 ? [`when ${immutable.map((f) => `\`${f}\``).join(' or ')} changes`] : [];
  return list([...fields, ...some], 'never');
}

function sectionOf(kind) {
  const source = sourceOf(kind.kind);
  const schema = schemaOf(kind.spec);
  const sample = placeholder(schema, 'spec');
  const within = kind.within?.(sample);
  const facts = [
    ['address', `\`${kind.kind}::${kind.id(sample)}\``],
    ['runs on', executorOf(kind.executor(sample))],
    ['depends on', list((kind.dependsOn?.(sample) ?? []).map(dependencyOf), 'nothing')],
    ['lies within', within ? refOf(within) : 'nothing'],
    ['is replaced', replacedWhen(kind)],
    ['version', String(kind.version)],
    ['source', `[${source.name}](../packages/resources/src/postgres/kinds/${source.name})`],
  ].map(([name, value]) => `- ${name}: ${value}`);
  const more = [
    kind.interrupts && '- some of its changes interrupt what it does; the plan says which',
    kind.leads && '- some of its changes begin with the primary',
    kind.slow && '- it may take hours',
    kind.deletableAt && `- while its host is away it is deleted elsewhere (\`${kind.deletableAt}\`)`,
  ].filter(Boolean);
  const [specText, statusText] = source.text.split(/^  status: /m);
  const fields = fieldsOf('spec', schema, specText) + fieldsOf('status', schemaOf(kind.status), statusText);
  return `## ${kind.kind}\n\n${meaningOf(source)}\n\n${[...facts, ...more].join('\n')}\n${fields}`;
}

const sorted = [...kinds].sort((a, b) => (a.kind < b.kind ? -1 : 1));
process.stdout.write(
  `# Kinds of resources

Generated from \`packages/resources/src/postgres/kinds/\`. Spec is what is wanted, status is what the world answered
([glossary](glossary.md)). \`<field>\` stands for a field of the spec. These are the dependencies a kind always has;
\`compose/\` adds those of one database, for instance that roles wait for an instance. A resource that lies within another
one is deleted with it, without a step of its own.
[Add a kind](how-to/add-a-resource-kind.md).

${sorted.map(({ kind }) => `[${kind}](#${kind.replaceAll('.', '')})`).join(' · ')}

${sorted.map(sectionOf).join('\n')}`,
);
