import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readConfig } from './config.ts';

const lines = readFileSync(path.join(__dirname, '../../../docker-compose.yml'), 'utf8').split('\n');

/** The settings given under a heading, with their defaults; up to the next line that is not indented further. */
function settingsUnder(heading: string): Record<string, string> {
  const from = lines.findIndex((line) => line.startsWith(heading));
  const indent = heading.search(/\S/);
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && line.search(/\S/) <= indent);
  const given = rest.slice(0, end).map((line) => /^\s+(WINDLASS_\w+): (.*)$/.exec(line));
  const value = (text: string): string => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
  return Object.fromEntries(given.flatMap((match) => (match ? [[match[1] ?? '', value(match[2] ?? '')]] : [])));
}

test('docker-compose.yml gives this program every setting that it needs', () => {
  const given = { ...settingsUnder('x-app-environment:'), ...settingsUnder('  server:') };
  expect(Object.keys(given).length).toBeGreaterThan(10);
  expect(readConfig(given)).toMatchObject({ WINDLASS_TEMPORAL_TLS_SERVER_NAME: 'temporal' });
});
