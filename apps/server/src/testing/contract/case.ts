import type { ServerDeps } from '../../core/deps.ts';
import { changeShop } from '../contract-world.ts';
import type { Fixture } from '../fixture.ts';

type Method = 'GET' | 'POST' | 'DELETE';
type Request = readonly [method: Method, url: string, body?: unknown];

/** One request to one operation in one state of the world, and the answer the contract asks for. */
export interface ContractCase {
  readonly operation: string;
  readonly what: string;
  readonly request: Request;
  /** `ok` with the keys of the body, or the name of the error. */
  readonly answer: { readonly keys: readonly string[]; readonly status?: number } | { readonly error: string };
  readonly message?: string;
  prepare?(f: Fixture): Promise<unknown>;
  readonly deps?: Partial<ServerDeps>;
  /** With a token that was just given out. */
  readonly freshToken?: boolean;
}

export const BAD = 'No_Good';
export const OTHER_TASK = '0199a7c4-5b1e-7c31-9f0a-2d6b8a4e1f12';
/** The database of the world. */
export const db = '/v1/databases/shop';

export const busy = (f: Fixture) => changeShop(f, { state: 'modifying', openTaskId: OTHER_TASK });
export const working = (f: Fixture) => changeShop(f, { openTaskId: OTHER_TASK });

type Row = readonly [what: string, request: Request, answer: readonly string[] | string, prepare?: ContractCase['prepare'], more?: Partial<ContractCase>]; // prettier-ignore
export const of = (operation: string, ...rows: readonly Row[]): ContractCase[] =>
  rows.map(([what, request, answer, prepare, more]) => ({
    operation,
    what,
    request,
    answer: typeof answer === 'string' ? { error: answer } : { keys: answer },
    ...(prepare && { prepare }),
    ...more,
  }));
