import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The settings docker-compose.yml gives under a heading, with their defaults; up to the next line that is not indented further. */
export function composeSettings(heading: string): Record<string, string> {
  const lines = readFileSync(path.join(__dirname, '../../../../docker-compose.yml'), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading));
  const indent = heading.search(/\S/);
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && line.search(/\S/) <= indent);
  const given = rest.slice(0, end).map((line) => /^\s+(WINDLASS_\w+): (.*)$/.exec(line));
  const value = (text: string): string => {
    const inner = text.replace(/\$\{\w+:-([^${}]*)\}/g, '$1');
    return inner === text ? text : value(inner); // one default in another
  };
  return Object.fromEntries(given.flatMap((match) => (match ? [[match[1] ?? '', value(match[2] ?? '')]] : [])));
}
