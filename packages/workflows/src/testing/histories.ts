import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(__dirname, '../testdata/histories');

/** Every recorded history, by the name of its file. */
export const histories = (): [string, { readonly events: readonly object[] }][] =>
  readdirSync(FOLDER).map((file) => [
    path.basename(file, '.json'),
    JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as { events: object[] },
  ]);
