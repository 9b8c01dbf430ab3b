import type { DatabaseSpec } from './database.ts';
import { isIncludeLine } from './hba-line.ts';
import { formatPath } from '../../api/issues.ts';

/** A field that is valid and that the engine does not carry out yet. `path` uses `[]` for any position. */
export interface Unsupported {
  readonly path: string;
  readonly why: string;
  /** Which values are refused; all that are given when absent. */
  readonly when?: (value: unknown) => boolean;
}

const notEmpty = (value: unknown): boolean => !Array.isArray(value) || value.length > 0;
const notZero = (value: unknown): boolean => value !== 0;
const preloads = (value: unknown): boolean =>
  Object.keys(value as object).some((key) => key.toLowerCase() === 'shared_preload_libraries');
const includes = (value: unknown): boolean => (value as string[]).some(isIncludeLine);
const LEVELS = ['', 'nodes[].'];

/** The one table of what is refused with `operation_not_supported`. */
export const UNSUPPORTED: readonly Unsupported[] = [
  { path: 'services', why: 'services are not carried out yet', when: notEmpty },
  ...LEVELS.flatMap((level): Unsupported[] => [
    { path: `${level}patroni_port`, why: 'publishing the Patroni API is not carried out yet', when: notZero },
    { path: `${level}postgresql_conf`, why: 'shared_preload_libraries cannot be set yet', when: preloads },
    { path: `${level}pg_hba_conf`, why: 'entries cannot be read from files', when: includes },
    { path: `${level}pg_ident_conf`, why: 'entries cannot be read from files', when: includes },
  ]),
];

interface Place {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
}

function step(place: Place, key: string): Place[] {
  const name = key.replace('[]', '');
  const value = (place.value as Record<string, unknown>)[name];
  if (value === undefined) return [];
  const path = [...place.path, name];
  return key.endsWith('[]')
    ? (value as unknown[]).map((item, i) => ({ path: [...path, i], value: item }))
    : [{ path, value }];
}

const placesOf = (spec: DatabaseSpec, path: string): Place[] =>
  path
    .split('.')
    .reduce<Place[]>((places, key) => places.flatMap((place) => step(place, key)), [{ path: [], value: spec }]);

/** Fields of a valid spec that would be ignored if they were accepted; none means that all of it is carried out. */
export function unsupportedFields(spec: DatabaseSpec): { readonly path: string; readonly why: string }[] {
  return UNSUPPORTED.flatMap(({ path, why, when }) =>
    placesOf(spec, path)
      .filter(({ value }) => when?.(value) ?? true)
      .map((place) => ({ path: formatPath(place.path), why })),
  );
}
