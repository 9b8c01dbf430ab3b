/** One thing that is wrong with a request, and where. */
export interface Problem {
  /** As in `nodes[0].port`; absent when it is about the whole. */
  readonly field?: string;
  readonly message: string;
}

interface ErrorParts {
  readonly status: number;
  readonly name: string;
  readonly message: string;
  readonly remedy?: string;
}

/** What a server refused, or could not do. `name` is stable; docs/errors.md has them all. */
export class WindlassError extends Error {
  readonly status: number;
  /** What to do about it, where that can be said. */
  readonly remedy: string | undefined;

  constructor({ status, name, message, remedy }: ErrorParts) {
    super(message);
    this.name = name;
    this.status = status;
    this.remedy = remedy ?? REMEDIES[name];
  }

  /** One for each line of the message. */
  get problems(): readonly Problem[] {
    return this.message.split('\n').filter(Boolean).map(toProblem);
  }

  /** The first field that is wrong. */
  get field(): string | undefined {
    return this.problems.find(({ field }) => field !== undefined)?.field;
  }

  /** The role a login would need: of a 403 alone. */
  get missingRole(): string | undefined {
    return this.#lacks(/which is for (\w+?)s\b/);
  }

  /** The tenant a login would have to be for; `all`: it must not be limited to tenants. Of a 403 alone. */
  get missingTenant(): string | undefined {
    return this.#lacks(/and not for the tenant '([^']+)'|which takes a login for (all) tenants/);
  }

  #lacks(words: RegExp): string | undefined {
    const found = this.name === 'not_permitted' ? words.exec(this.message) : null;
    return found?.[1] ?? found?.[2];
  }
}

/** The server did not answer, or not as a Windlass does. */
export class UnreachableError extends Error {
  override readonly name = 'unreachable';
}

/** What was waited for did not happen in time; it may still. */
export class WaitTimeoutError extends Error {
  override readonly name = 'timeout';
}

const FIELD = /^((?:body\.|spec\.)?[a-z][\w-]*(?:\[\d+\])?(?:\.[\w-]+(?:\[\d+\])?)*): (.+)$/;
const MISSING = /^"([^"]+)" is missing from body$/;
const SHAPE = /^(?:value of |length of )?(body(?:\.[\w-]+|\[\d+\])+) must /;

function toProblem(line: string): Problem {
  const [, field, message] = FIELD.exec(line) ?? [];
  if (field !== undefined && message !== undefined) return { field, message };
  const named = MISSING.exec(line)?.[1] ?? SHAPE.exec(line)?.[1]?.replace(/^body\./, '');
  return { ...(named !== undefined && { field: named }), message: line };
}

/** Of errors whose message says what is wrong and leaves open what to do. */
const REMEDIES: Readonly<Record<string, string>> = {
  login_required: 'give a token: `windlass context add`, WINDLASS_TOKEN, or the option token of the client',
  cluster_not_initialized: 'initialise the cluster: GET /v1/cluster/init, or bin/up',
  database_already_exists: 'choose another id, or change the one that is there',
  database_not_modifiable: 'wait for the task that changes it, or cancel that task',
  operation_already_in_progress: 'wait for the task that runs, or cancel it',
  host_unreachable: 'see whether the worker of the host runs, then ask again',
  temporal_unavailable: 'see whether Temporal runs, then ask again',
  store_unavailable: 'see whether etcd runs, then ask again',
  foreign_request: 'call the server as 127.0.0.1 or localhost, or by the name in its WINDLASS_PUBLIC_URL',
};
