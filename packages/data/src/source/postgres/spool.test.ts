import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { ProtocolError } from './protocol-error.ts';
import { spillFiles } from './spill-file.ts';
import { Spool } from './spool.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'spool-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function through(messages: readonly Buffer[], memoryBytes: number): Promise<{ got: Buffer[]; spilled: number }> {
  const spool = new Spool({ memoryBytes, openFile: spillFiles(directory) });
  for (const one of messages) if (spool.append(one)) await spool.spill();
  const spilled = spool.spilledBytes;
  expect(readdirSync(directory)).toEqual([]);
  const got: Buffer[] = [];
  for await (const some of spool.messages()) got.push(...some);
  await spool.close();
  return { got, spilled };
}

describe('Spool', () => {
  it('gives back what it was given, from memory or from a file that has no name', async () => {
    const message = fc.oneof(
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: 100_000, max: 700_000 }).map((length) => Buffer.alloc(length, length % 251)),
    );
    const memory = fc.constantFrom(0, 10, 100, 1000, 2 ** 30);
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 30 }), memory, async (messages, memoryBytes) => {
        const { got } = await through(messages, memoryBytes);
        expect(Buffer.concat(got).equals(Buffer.concat(messages))).toBe(true);
        expect(got.map((one) => one.length)).toEqual(messages.map((one) => one.length));
      }),
      { numRuns: 60 },
    );
  });

  it('uses no file for what fits into memory, and one for the rest', async () => {
    const messages = Array.from({ length: 100 }, () => Buffer.alloc(100));
    expect((await through(messages, 100_000)).spilled).toBe(0);
    // Ten messages of 104 bytes each are more than 1000.
    expect((await through(messages, 1000)).spilled).toBe(100 * 104);
  });

  it('says that its file is damaged when it is', async () => {
    const openFile = () =>
      Promise.resolve({
        append: () => Promise.resolve(),
        read: () => Promise.resolve(0),
        close: () => Promise.resolve(),
      });
    const spool = new Spool({ memoryBytes: 0, openFile });
    spool.append(Buffer.from('a'));
    await spool.spill();
    await expect(spool.messages().next()).rejects.toBeInstanceOf(ProtocolError);
  });
});
