import fc from 'fast-check';
import { hostileSeed, hostileText } from '@windlass/resources/testing';
import { painter } from '../terminal.ts';
import { plainly, writerTo } from './plainly.ts';

const written = (isTTY: boolean, text: string): string => {
  const pieces: string[] = [];
  writerTo({ isTTY, write: (piece: unknown) => pieces.push(String(piece)) > 0 })(text);
  return pieces.join('');
};

test.each([
  ['LOG:  \u001b]0;owned\u0007', 'LOG:  \\u001b]0;owned\\u0007'],
  ['\u001b[2J\u001b[1;1H', '\\u001b[2J\\u001b[1;1H'],
  ['good\rbad', 'good\\u000dbad'],
  ['\u009b31m \u202egnp', '\\u009b31m \\u202egnp'],
  ['a\tb\r\nc\n', 'a\tb\r\nc\n'],
  ['日本 é 🦆', '日本 é 🦆'],
])('%j is shown and not obeyed', (text, shown) => {
  expect(written(true, text)).toBe(shown);
  expect(written(false, text)).toBe(text);
});

test('colours stay colours', () => {
  const paint = painter({ isTTY: true, env: {} });
  expect(written(true, paint('red', 'no'))).toBe(paint('red', 'no'));
});

test('of no hostile text is anything left that a terminal obeys', () => {
  fc.assert(
    fc.property(hostileText('canary'), ({ text }) => !/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(plainly(text).replace(/\u001b\[[\d;]*m|\r\n/g, ''))), // prettier-ignore
    { seed: hostileSeed(), numRuns: 2000 },
  );
});
