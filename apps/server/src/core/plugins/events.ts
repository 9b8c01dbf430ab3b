import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ServerDeps } from '../deps.ts';
import { repeat } from '../repeat.ts';
import { EventFeed } from './event-feed.ts';
import type { EventSource } from './event-source.ts';
import { NOBODYS } from '../door/reach.ts';
import { reachedEvents, type KeepTo } from './reached-events.ts';

const BEAT_MS = 15_000;
/** A login that is no use any more hears nothing after this long. */
const LOOK_MS = 1000;
/** A client that lets this much pile up is cut off; it connects again and reads the present from the API. */
const MAX_BACKLOG_BYTES = 1024 * 1024;

const schema = {
  operationId: 'stream-events',
  tags: ['system'],
  summary: 'Server-sent events: every change of a task or an instance',
};

/** `GET /v1/events`: server-sent events, one for every change. They end when the server stops, and when who listens would not be let in any more. */
export function installEvents(app: FastifyInstance, { kv }: ServerDeps, sources: readonly EventSource[]): void {
  const feed = new EventFeed(kv, sources, (err) => app.log.warn({ err }, 'an event could not be made'));
  const streams = new Set<FastifyReply['raw']>();
  app.addHook('preClose', (done) => {
    for (const stream of streams) stream.end();
    done();
  });
  app.addHook('onClose', () => feed.close());
  // The head of a stream that does not end would never be sent.
  const config = { needs: 'viewer', reaches: 'own', endless: true } as const;
  app.get('/v1/events', { schema, exposeHeadRoute: false, config }, async (request, reply) => {
    reply.hijack();
    const { raw } = reply;
    streams.add(raw);
    const closed = new Promise((resolve) => raw.on('close', resolve));
    const stop = await stream(raw, feed, reachedEvents(kv, request.reach ?? NOBODYS));
    const { isStillLetIn } = request;
    const stopLooking = isStillLetIn ? endWhen(isStillLetIn, raw) : undefined;
    await closed;
    stopLooking?.();
    await stop();
    streams.delete(raw);
  });
}

async function stream(raw: FastifyReply['raw'], feed: EventFeed, keepTo: KeepTo): Promise<() => Promise<void>> {
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const write = (text: string): void => {
    raw.write(text);
    if (raw.writableLength > MAX_BACKLOG_BYTES) raw.destroy();
  };
  const unsubscribe = await feed.subscribe(keepTo(write, () => raw.destroy()));
  write(': connected\n\n');
  const beat = setInterval(() => write(': still here\n\n'), BEAT_MS);
  return () => {
    clearInterval(beat);
    return unsubscribe();
  };
}

/** Ends the stream of who cannot be told to be let in still: a client that may connects again. */
function endWhen(isStillLetIn: () => Promise<boolean>, raw: FastifyReply['raw']): () => void {
  return repeat(
    async () => {
      if (!(await isStillLetIn())) raw.end();
    },
    () => LOOK_MS,
    () => raw.end(),
  );
}
