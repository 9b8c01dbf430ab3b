// Prints docs/conditions.md from the one table of conditions: pnpm run docs (after a build) writes it.
import { CONDITIONS } from '../packages/resources/dist/postgres/spec/index.js';

const rows = Object.entries(CONDITIONS).map(([name, meaning]) => `| <a id="${name}"></a>\`${name}\` | ${meaning} |`);
process.stdout.write(
  `# Conditions

Generated from \`packages/resources/src/postgres/spec/conditions.ts\`. A condition is something that needs attention although the
database serves. The answer to \`GET /v1/databases/{id}\` lists them: the type, a message that says what is to be done,
and since when it is so. A condition goes by itself when its cause is gone.

| type | meaning |
| --- | --- |
${rows.join('\n')}
`,
);
