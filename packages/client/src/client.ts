import createApi, { type Client } from 'openapi-fetch';
import type { paths } from './api.gen.ts';
import { isObject, textOf } from './json.ts';
import { kindsOf, type Kind } from './kinds.ts';
import { fetchTrusting } from './node-fetch.ts';
import { UnreachableError, WindlassError } from './windlass-error.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:3000` */
  readonly baseUrl: string;
  /** `wl_…`; absent: as somebody on the machine of the server. */
  readonly token?: string;
  /** The certificate of the authority that is trusted, PEM; absent: those that Node trusts. */
  readonly ca?: string;
  /** Sends the requests instead of Node's own. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The revision that was read: a change is refused when there has been another since. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
  /** Statuses that are answers here, too, and nothing to throw: 503 of `/readyz`. */
  readonly accept?: readonly number[];
}

/** A server of Windlass. What it refuses is thrown as `WindlassError`. */
export interface WindlassClient {
  readonly baseUrl: string;
  /** Every operation, typed: `api.GET('/v1/databases')`. */
  readonly api: Client<paths>;
  /** A path that is known only at run time, of a kind of entity for one. */
  request(method: string, path: string, options?: RequestOptions): Promise<unknown>;
  /** The answer as it comes in, for what does not end. */
  open(path: string, options?: RequestOptions): Promise<Response>;
  /** The OpenAPI document of the server; read once. */
  document(): Promise<unknown>;
  kinds(): Promise<readonly Kind[]>;
}

export function createClient(options: ClientOptions): WindlassClient {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const send = sender(options);
  const open: WindlassClient['open'] = (path, more) => send(toRequest(`${baseUrl}${path}`, 'GET', more), more?.accept);
  const request: WindlassClient['request'] = async (method, path, more) =>
    bodyOf(await send(toRequest(`${baseUrl}${path}`, method.toUpperCase(), more), more?.accept));
  let read: Promise<unknown> | undefined;
  const document = () => (read ??= request('GET', '/v1/openapi.json'));
  return {
    baseUrl,
    api: createApi<paths>({ baseUrl, fetch: (one) => send(one) }),
    request,
    open,
    document,
    kinds: async () => kindsOf(await document()),
  };
}

/** Adds the login; throws what is refused. */
function sender({
  baseUrl,
  token,
  ca,
  fetch = ca === undefined ? (one) => globalThis.fetch(one) : fetchTrusting(ca),
}: ClientOptions) {
  return async (request: Request, accept: readonly number[] = []): Promise<Response> => {
    if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
    const answer = await fetch(request).catch((err: unknown) => {
      if (request.signal.aborted) throw err;
      throw new UnreachableError(`${baseUrl} does not answer: ${causeOf(err)}`, { cause: err });
    });
    if (answer.ok || accept.includes(answer.status)) return answer;
    throw toError(answer.status, await answer.text());
  };
}

function toRequest(url: string, method: string, { query = {}, body, ifMatch, signal }: RequestOptions = {}): Request {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const search = new URLSearchParams(given).toString();
  return new Request(search === '' ? url : `${url}?${search}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
}

async function bodyOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (text === '') return undefined;
  const parsed = parse(text);
  if (parsed === undefined) throw new UnreachableError(`${answer.url} answered something that is no JSON`);
  return parsed;
}

function toError(status: number, text: string): WindlassError {
  const body = parse(text);
  const name = textOf(body, 'name') ?? (status === 404 ? 'not_found' : 'server_error');
  const message = textOf(body, 'message') ?? (text.slice(0, 500) || `the server answered ${String(status)}`);
  const remedy = textOf(body, 'remedy');
  return new WindlassError({ status, name, message, ...(remedy !== undefined && { remedy }) });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node's fetch says `fetch failed`; why is in its cause. */
function causeOf(err: unknown): string {
  const cause = isObject(err) && isObject(err['cause']) ? err['cause'] : err;
  return textOf(cause, 'message') || textOf(cause, 'code') || 'no reason is known';
}
