import { exportPgOptionsFor, PGOPTIONS, roleSettings, startupOptions } from './own-sessions.ts';

const settingsOf = (options: string): Map<string, string> =>
  new Map(
    options
      .split(/(?<!\\) /)
      .filter((word) => word !== '-c')
      .map((word) => {
        const [name = '', value = ''] = word.replaceAll('\\ ', ' ').split('=');
        return [name, value];
      }),
  );

test('every session says what its names mean, whose rights it has, what is loaded and what ends it', () => {
  for (const purpose of ['change', 'look', 'script'] as const) {
    const settings = settingsOf(startupOptions(true, purpose));
    expect(Object.fromEntries(settings)).toMatchObject({
      search_path: 'pg_catalog,pg_temp',
      role: 'none',
      session_preload_libraries: '',
      default_transaction_read_only: 'off',
      default_transaction_isolation: 'read committed',
      statement_timeout: '0',
      event_triggers: 'off',
    });
  }
});

test('a script has the rest as its author expects it', () => {
  expect(settingsOf(startupOptions(true, 'script')).has('DateStyle')).toBe(false);
  expect(settingsOf(startupOptions(true, 'change')).get('DateStyle')).toBe('ISO, MDY');
});

test('an older server is told nothing that it does not know; what it needs for the same only a superuser may say', () => {
  expect(PGOPTIONS).not.toMatch(/event_triggers|transaction_timeout|session_replication_role/);
  expect(startupOptions(false, 'look')).toBe(PGOPTIONS);
  expect(startupOptions(false, 'change')).toBe(`${PGOPTIONS} -c session_replication_role=replica`);
  expect(startupOptions(false, 'script')).not.toContain('session_replication_role');
});

test('a shell adds what is newer where the data is', () => {
  expect(exportPgOptionsFor('17')).toContain('PGOPTIONS="$PGOPTIONS -c event_triggers=off -c transaction_timeout=0"');
});

test('what roles are given is what sessions begin with', () => {
  for (const since17 of [true, false])
    expect(Object.fromEntries(settingsOf(startupOptions(since17, 'look')))).toEqual(roleSettings(since17));
});
