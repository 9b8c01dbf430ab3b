import { domainErrorOf } from '@windlass/resources/errors';
import type { AnswerCheck } from '../core/install-route.ts';
import { errorsOf, readsInput } from '../core/route-errors.ts';
import type { Route } from '../core/route.ts';
import { WireError } from '../core/wire-error.ts';

/** Looks at every answer of an application under test, and keeps what is not as its route declares it. */
export interface CheckedAnswers extends AnswerCheck {
  /** Throws when there was something; after that it is forgotten. */
  settle(): void;
}

export function checkAnswers(): CheckedAnswers {
  const found: string[] = [];
  const keep = ({ operationId }: Route, problems: readonly string[]): void =>
    void found.push(...problems.map((problem) => `${operationId} ${problem}`));
  return {
    answered: (route, answer) => keep(route, answerProblems(route, answer)),
    refused: (route, error) => keep(route, refusalProblems(route, error)),
    settle: () => {
      const problems = found.splice(0);
      if (problems.length > 0) throw new Error(`not what the route declares: ${problems.join('; ')}`);
    },
  };
}

/** What a client is sent, against the schema: a field it does not have is a problem, too. */
function answerProblems({ response }: Route, answer: unknown): string[] {
  if (response === undefined) return answer === undefined ? [] : ['answers something, and declares nothing'];
  const sent: unknown = answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
  const parsed = response.safeParse(sent);
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `answers ${path.join('.')}: ${message}`);
  return unknownFields(sent, parsed.data).map((field) => `answers ${field}, which is not in its schema`);
}

/** Schemas leave out of an object what they do not know. */
function unknownFields(sent: unknown, known: unknown, at = ''): string[] {
  if (typeof sent !== 'object' || sent === null) return [];
  const kept = known as Readonly<Record<string, unknown>>;
  return Object.entries(sent).flatMap(([name, value]) =>
    name in kept ? unknownFields(value, kept[name], `${at}${name}.`) : [`${at}${name}`],
  );
}

function refusalProblems(route: Route, error: unknown): string[] {
  const name = domainErrorOf(error)?.code;
  if (name !== undefined) return errorsOf(route).includes(name) ? [] : [`answers ${name}, which it does not declare`];
  return error instanceof WireError && !readsInput(route) ? [`answers ${error.wireName} and reads nothing`] : [];
}
