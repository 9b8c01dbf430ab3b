import { literal } from './quote.ts';

type Settings = Readonly<Record<string, string>>;

/** What the text of a value depends on beside the value; names are written with their schema. It must not depend on what somebody set for a database or a role. */
export const TEXT_SETTINGS: Settings = {
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  timezone: 'UTC',
  lc_monetary: 'C',
  xmloption: 'content',
  search_path: '',
};

/** As a login takes settings. They win over those of a database and a role. */
export const asOptions = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');

/** As statements, in a session that has begun. */
export const asStatements = (settings: Settings): string =>
  Object.entries(settings)
    .map(([name, value]) => `SET ${name} = ${literal(value)}`)
    .join('; ');
