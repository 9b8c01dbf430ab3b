import { digest } from './hash.ts';
import { refKey, type Desired, type Ref } from './resource.ts';

/** Digest of the statuses of the dependencies whose output counts. */
export function inputsHash(wanted: Pick<Desired, 'dependsOn'>, statusOf: (ref: Ref) => unknown): string {
  return digest(wanted.dependsOn.filter((d) => d.output).map((d) => [refKey(d.ref), statusOf(d.ref) ?? null]));
}
