import { z } from 'zod';
import { parseSynchronous } from './synchronous.ts';

const GUC = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/;
const OWNED = new Set(
  (
    'listen_addresses port data_directory hba_file ident_file config_file wal_level hot_standby restore_command recovery_end_command archive_cleanup_command ' +
    'primary_conninfo primary_slot_name promote_trigger_file trigger_file cluster_name unix_socket_directories unix_socket_group unix_socket_permissions ' +
    'external_pid_file wal_log_hints synchronized_standby_slots include include_if_exists include_dir bonjour bonjour_name ' +
    'allow_system_table_mods allow_alter_system dynamic_library_path extension_control_path ' +
    'recovery_target recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid'
  ).split(' '),
);
const OWNED_PREFIX = /^(ssl|archive_|krb_)/;

/** True for settings the control plane writes itself; case and blanks around the name do not count. */
export function isOwnedSetting(key: string): boolean {
  const name = key.trim().toLowerCase();
  return OWNED.has(name) || OWNED_PREFIX.test(name);
}

const SettingKey = z.string().superRefine((key, ctx) => {
  const shown = key.slice(0, 128);
  if (isOwnedSetting(key))
    ctx.addIssue({
      code: 'custom',
      message: `"${shown}" is not allowed: it overrides the control-plane-managed setting`,
    });
  else if (!GUC.test(key) || key.length > 127)
    ctx.addIssue({ code: 'custom', message: `"${shown}" is not the name of a Postgres setting` });
});

const wholeOrExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value);
const SettingValue = z.union([
  z
    .string()
    .max(8192, { error: 'must be at most 8192 characters long' })
    .refine((value) => !/[\r\n\p{Zl}\p{Zp}]/u.test(value), { error: 'must not contain a line break' }),
  z.number().refine(wholeOrExact, { error: 'is too large to be exact: write it as a string' }),
  z.boolean(),
]);

const synchronousIsAny = (settings: Record<string, unknown>): boolean =>
  Object.entries(settings).every(
    ([key, value]) =>
      key.toLowerCase() !== 'synchronous_standby_names' || parseSynchronous(String(value)) !== undefined,
  );

const hasRepeatedKey = (settings: Record<string, unknown>): boolean => {
  const names = Object.keys(settings).map((key) => key.toLowerCase());
  return new Set(names).size < names.length;
};

/** A map of Postgres settings: typed names, values of one line. */
export const PostgresqlConf = z
  .record(SettingKey, SettingValue)
  .refine((settings) => !hasRepeatedKey(settings), { error: 'names a setting twice (case does not count)' })
  .refine(synchronousIsAny, {
    path: ['synchronous_standby_names'],
    error: 'must be "", "*", "ANY n (*)" or "FIRST n (*)": which standbys those are changes with every failover',
  })
  .meta({
    description:
      'Postgres settings; those the control plane owns are refused. `synchronous_standby_names` (`*`, `ANY n (*)`) makes replication synchronous.',
    examples: [{ work_mem: '16MB', max_connections: 200 }],
  });

/** The same with the limit of entries the wire contract sets at the level of the spec. */
export const SpecPostgresqlConf = PostgresqlConf.refine((settings) => Object.keys(settings).length <= 64, {
  error: 'must have at most 64 entries',
}).meta({
  description: 'Postgres settings of all nodes; those the control plane owns are refused.',
  examples: [{ work_mem: '16MB' }],
});
