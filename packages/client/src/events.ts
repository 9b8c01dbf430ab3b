import type { WindlassClient } from './client.ts';

/** A change, as the server tells it. */
export interface WindlassEvent {
  /** `task`, `instance`, … */
  readonly type: string;
  readonly data: unknown;
}

/** Every change from now on, until the signal or the server ends it. */
export async function* readEvents(client: WindlassClient, signal?: AbortSignal): AsyncGenerator<WindlassEvent> {
  const { body } = await client.open('/v1/events', { ...(signal && { signal }) });
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = toEvent(block);
      if (event) yield event;
    }
  }
}

/** Undefined for a sign of life, which is a comment. */
export function toEvent(block: string): WindlassEvent | undefined {
  const lines = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line));
  const valuesOf = (field: string) => lines.flatMap((match) => (match?.[1] === field ? [match[2] ?? ''] : []));
  const data = valuesOf('data');
  if (data.length === 0) return undefined;
  const parsed: unknown = JSON.parse(data.join('\n'));
  return { type: valuesOf('event')[0] ?? 'message', data: parsed };
}
