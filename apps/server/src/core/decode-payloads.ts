import { domainErrorOf, DomainError } from '@windlass/resources/errors';
import type { TemporalPayloads } from '@windlass/resources/platform/api';
import type { ServerDeps } from './deps.ts';

const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const eachOf = <A, B>(fields: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));

/** In clear what is encrypted, as it is what is not; `invalid_input` for what no key of this cluster opens. */
export async function decodePayloads(
  { payloads: codec }: Pick<ServerDeps, 'payloads'>,
  { payloads }: TemporalPayloads,
): Promise<TemporalPayloads> {
  const kept = payloads.map(({ metadata, data }) => ({
    metadata: eachOf(metadata, fromBase64),
    ...(data !== undefined && { data: fromBase64(data) }),
  }));
  const decoded = await codec.decode(kept).catch((err: unknown) => {
    const { code, message } = domainErrorOf(err) ?? {};
    throw code === 'server_error' ? new DomainError('invalid_input', message, { cause: err }) : err;
  });
  return {
    payloads: decoded.map(({ metadata, data }) => ({
      metadata: eachOf(metadata ?? {}, toBase64),
      ...(data && { data: toBase64(data) }),
    })),
  };
}
