import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CARRIED_OUT } from './carried-out.ts';

/** An integration test, because the tests it looks for are: each field that is carried out names one that exists. */
it.each([...new Set(Object.values(CARRIED_OUT))])('%s exists', (path) => {
  expect(existsSync(join(__dirname, '..', path))).toBe(true);
});
