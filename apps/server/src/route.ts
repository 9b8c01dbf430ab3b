import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ServerDeps } from './deps.ts';
import type { Needs } from './door/needs.ts';

export interface Call {
  readonly deps: ServerDeps;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One endpoint. Its file has the name of its operation id. */
export interface Route {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly tag: 'cluster' | 'hosts' | 'databases' | 'tasks' | 'system';
  readonly summary: string;
  /** Who may call it at the TLS address. */
  readonly needs: Needs;
  /** Works before the cluster is initialised, too. */
  readonly beforeInit?: boolean;
  /** Query parameters, for the documentation. */
  readonly query?: Readonly<Record<string, string>>;
  /** Between servers and hosts; not in the documentation. */
  readonly internal?: boolean;
  readonly body?: z.ZodType;
  /** The body may be left out. */
  readonly bodyOptional?: boolean;
  /** Throws for a body that breaks its schema: such errors come before `cluster_not_initialized`. */
  checkBody?(body: unknown): void;
  readonly response?: z.ZodType;
  handle(call: Call): Promise<unknown>;
}

export const defineRoute = (route: Route): Route => route;
