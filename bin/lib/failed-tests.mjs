// The failed tests of a jest result file (--json), each with the first lines of what it said.
import { readFileSync } from 'node:fs';

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// eslint-disable-next-line no-control-regex
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '');
const short = (text) =>
  plain(text)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(0, 14)
    .map((line) => `      ${line.slice(0, 240)}`);
for (const { name, message, assertionResults } of testResults) {
  const file = name.split('/').pop();
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0 && message && assertionResults.length === 0)
    console.log([`  FAILED ${file}`, ...short(message)].join('\n'));
  for (const { fullName, failureMessages } of failed)
    console.log([`  FAILED ${file}: ${fullName}`, ...short(failureMessages.join('\n'))].join('\n'));
}
