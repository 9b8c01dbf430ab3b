// What Temporal keeps encrypted is decoded by the API: API (http://127.0.0.1:3000), TOKEN where it asks for a login.
const DEFAULT_API = process.env.API ?? 'http://127.0.0.1:3000';
const AT_ONCE = 500;

/** Payloads as JSON has them, with base64 in them. */
async function decodeJson(payloads, api) {
  const headers = { 'content-type': 'application/json' };
  if (process.env.TOKEN) headers.authorization = `Bearer ${process.env.TOKEN}`;
  const decoded = [];
  for (let from = 0; from < payloads.length; from += AT_ONCE) {
    const body = JSON.stringify({ payloads: payloads.slice(from, from + AT_ONCE) });
    const answer = await fetch(`${api}/v1/temporal/codec/decode`, { method: 'POST', headers, body });
    const { payloads: some, message } = await answer.json();
    if (!answer.ok) throw new Error(`${api} does not decode: ${answer.status} ${message}`);
    decoded.push(...some);
  }
  return decoded;
}

const base64 = (bytes) => Buffer.from(bytes ?? []).toString('base64');
const bytesOf = (text) => Buffer.from(text ?? '', 'base64');
const each = (fields, change) =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, change(value)]));

/** For clients and replays; it encodes nothing. */
export const remoteCodec = (api = DEFAULT_API) => ({
  encode: async (payloads) => payloads,
  decode: async (payloads) => {
    const kept = payloads.map(({ metadata, data }) => ({ metadata: each(metadata, base64), data: base64(data) }));
    const decoded = await decodeJson(kept, api);
    return decoded.map(({ metadata, data }) => ({ metadata: each(metadata, bytesOf), data: bytesOf(data) }));
  },
});

/** A history, as JSON, in clear. */
export async function decodedHistory(history) {
  const found = [];
  const collect = (value) => {
    if (typeof value !== 'object' || value === null) return;
    if (typeof value.metadata?.encoding === 'string') found.push(value);
    else for (const [name, field] of Object.entries(value)) if (name !== 'searchAttributes') collect(field);
  };
  collect(history);
  const decoded = await decodeJson(found, DEFAULT_API);
  found.forEach((payload, i) => Object.assign(payload, decoded[i]));
  return history;
}
