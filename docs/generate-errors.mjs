// Prints docs/errors.md from the one table of errors: pnpm run docs (after a build) writes it.
import { ERRORS } from '../packages/error-table/dist/index.js';

const rows = Object.entries(ERRORS).map(
  ([name, e]) => `| <a id="${name}"></a>\`${name}\` | ${e.status} | ${e.retryable ? 'yes' : 'no'} | ${e.title} |`,
);
process.stdout.write(
  `# Errors\n\nGenerated from \`packages/error-table/src/table.ts\`. Every error answer is problem+json (RFC 9457) with \`name\` and\n\`message\`; its header \`goa-error\` repeats the name. "Retried" says whether Temporal repeats a step that failed with it.\n\n| name | HTTP status | retried | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`,
);
