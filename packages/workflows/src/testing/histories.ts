import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PayloadCodec } from '@temporalio/common';

const FOLDER = path.join(__dirname, '../testdata/histories');

/** The text of every payload, however deep it lies. */
export function payloadTexts(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { data } = value as { data?: unknown };
  const own = typeof data === 'string' ? [Buffer.from(data, 'base64').toString()] : [];
  return [...own, ...Object.values(value).flatMap(payloadTexts)];
}

interface JsonPayload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data?: string;
}

const isPayload = (value: object): value is JsonPayload =>
  typeof (value as { metadata?: { encoding?: unknown } }).metadata?.encoding === 'string';

/** A history as it would be kept had its payloads been encrypted. What Temporal itself reads, search attributes, never is. */
export async function encryptedBy(codec: PayloadCodec, value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((one) => encryptedBy(codec, one)));
  if (isPayload(value)) return encryptedPayload(codec, value);
  const fields = Object.entries(value).map(async ([name, field]): Promise<[string, unknown]> => [
    name,
    name === 'searchAttributes' ? field : await encryptedBy(codec, field),
  ]);
  return Object.fromEntries(await Promise.all(fields));
}

async function encryptedPayload(codec: PayloadCodec, { metadata, data = '' }: JsonPayload): Promise<JsonPayload> {
  const bytes = Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')] as const);
  const [encoded] = await codec.encode([{ metadata: Object.fromEntries(bytes), data: Buffer.from(data, 'base64') }]);
  const texts = Object.entries(encoded?.metadata ?? {}).map(([name, text]) => [name, toBase64(text)] as const);
  return { metadata: Object.fromEntries(texts), data: toBase64(encoded?.data) };
}

const toBase64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');

/** Every recorded history, by the name of its file. */
export const histories = (): [string, { readonly events: readonly object[] }][] =>
  readdirSync(FOLDER).map((file) => [
    path.basename(file, '.json'),
    JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as { events: object[] },
  ]);
