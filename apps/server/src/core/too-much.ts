import { DomainError, type ErrorName } from '@windlass/resources/errors';

/** A refusal that says when it is worth asking again: what has it is answered with `Retry-After`. */
export class TooMuch extends DomainError {
  readonly retryAfterSeconds: number;

  constructor(
    name: Extract<ErrorName, 'too_many_requests' | 'too_many_attempts' | 'overloaded'>,
    message: string,
    seconds: number,
  ) {
    super(name, message);
    this.retryAfterSeconds = seconds;
  }
}
