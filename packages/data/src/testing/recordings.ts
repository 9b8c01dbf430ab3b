import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Assembler } from '../source/postgres/assemble.ts';
import { decodeMessage } from '../source/postgres/decode.ts';
import type { SourceEvent } from '../source/postgres/events.ts';
import type { PgoutputMessage } from '../source/postgres/messages.ts';

const FOLDER = path.join(import.meta.dirname, 'testdata');
const END = '.pgoutput.gz';

/** What is recorded: in hexadecimal, a message a line, as `pg_logical_slot_peek_binary_changes` gave it. */
export const recordings = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(END))
    .map((name) => name.slice(0, -END.length));

export const readRecording = (name: string): Buffer[] =>
  gunzipSync(readFileSync(path.join(FOLDER, name + END)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => Buffer.from(line, 'hex'));

export const writeRecording = (name: string, messages: readonly Buffer[]): void =>
  writeFileSync(path.join(FOLDER, name + END), gzipSync(messages.map((one) => `${one.toString('hex')}\n`).join('')));

/** Decodes the messages of a session, in order. */
export function decodeAll(messages: readonly Buffer[]): PgoutputMessage[] {
  let inStream = false;
  return messages.map((bytes) => {
    const message = decodeMessage(bytes, inStream);
    if (message.tag === 'streamStart') inStream = true;
    if (message.tag === 'streamStop') inStream = false;
    return message;
  });
}

/** The events of all that was committed or prepared. */
export async function assembleAll(messages: readonly Buffer[]): Promise<SourceEvent[]> {
  const out: SourceEvent[] = [];
  const openFile = () => Promise.reject(new Error('all of it fits into memory'));
  const assembler = new Assembler({ memoryBytes: 2 ** 30, openFile, skipOrigins: false, onSkipped: () => undefined });
  for (const bytes of messages) {
    const later = assembler.take(bytes, out);
    if (later) for await (const events of later) out.push(...events);
  }
  return out;
}

/** Each event in a few words, without what differs from run to run; of many inserts in a row only how many. */
export function outline(events: readonly SourceEvent[]): string[] {
  const words = events.map(inWords);
  return words.flatMap((word, i) => {
    if (word === words[i - 1]) return [];
    const count = words.slice(i).findIndex((other) => other !== word);
    return [count > 1 ? `${String(count)} x ${word}` : word];
  });
}

function inWords(event: SourceEvent): string {
  switch (event.kind) {
    case 'begin':
    case 'beginPrepare':
      return [event.kind, ...(event.streamed ? ['streamed'] : []), event.origin?.name ?? ''].join(' ').trim();
    case 'insert':
    case 'update':
    case 'delete':
      return [event.kind, event.relation.name, ...('old' in event && event.old ? [event.old.kind] : [])].join(' ');
    case 'truncate':
      return `truncate ${event.relations.map(({ name }) => name).join(' ')}`;
    case 'message':
      return `message ${event.prefix} ${event.content.toString()}`;
    case 'prepare':
    case 'commitPrepared':
    case 'rollbackPrepared':
      return `${event.kind} ${event.gid}`;
    case 'commit':
      return event.kind;
  }
}
