import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';

/** `fetch` that trusts these certificates (PEM) and no others: Node's own takes them only from its environment. */
export function fetchTrusting(ca: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    return new Promise((resolve, reject) => {
      const { method, headers, signal } = request;
      const sent = httpsRequest(request.url, { ca, method, headers: Object.fromEntries(headers), signal }, (answer) => {
        const { statusCode = 500 } = answer;
        const fields = Object.entries(answer.headers).flatMap(([name, value]) =>
          [value ?? []].flat().map((one): [string, string] => [name, one]),
        );
        const bodiless = statusCode === 204 || statusCode === 304;
        if (bodiless) answer.resume();
        const stream = bodiless ? null : toWebStream(answer);
        resolve(new Response(stream, { status: statusCode, headers: fields }));
      });
      sent.once('error', reject);
      sent.end(body);
    });
  };
}

/** Pulled, so that a reader that is slow slows the server down. */
function toWebStream(source: Readable): ReadableStream<Uint8Array> {
  const chunks = source.iterator();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next: IteratorResult<unknown> = await chunks.next();
      if (next.done === true) controller.close();
      else if (next.value instanceof Uint8Array) controller.enqueue(next.value);
    },
    cancel: () => void source.destroy(),
  });
}
