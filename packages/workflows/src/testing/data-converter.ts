import path from 'node:path';
import { aCodec } from '@windlass/resources/testing';

/** What Temporal keeps is encrypted, as in a program, with a key of its own for each test file. */
export const dataConverter = {
  payloadCodecs: [aCodec()],
  failureConverterPath: path.join(__dirname, '../failure-converter.ts'),
};
