import { faultOf, reasonOf } from './verify-findings.ts';

const counts = (text: string): string => `stanza: db\nstatus: error\n  backup: L, status: invalid\n    ${text}\n`;
const failed = (exitCode: number, stdout: string, stderr = '') => reasonOf({ exitCode, stdout, stderr });

test.each([
  ['a file is missing', 'missing: 1, checksum invalid: 0, size invalid: 0, other: 0'],
  ['a checksum is wrong', 'missing: 0, checksum invalid: 2, size invalid: 0, other: 0'],
])('the files are damaged when %s', (_why, said) => {
  expect(faultOf(counts(said))).toEqual({ code: 'backup_damaged', words: expect.stringContaining(said) as string });
});

test('files that could not be opened prove nothing, and neither does a verdict without a reason', () => {
  expect(faultOf(counts('missing: 0, checksum invalid: 0, size invalid: 0, other: 1'))?.code).toBe(
    'backup_not_verified',
  );
  expect(faultOf('status: error\n  backup: L, status: invalid, total files checked: 0')).toBeUndefined();
  expect(faultOf('status: ok\n  backup: L, status: manifest missing')?.code).toBe('backup_damaged');
  expect(faultOf('status: ok')).toBeUndefined();
});

test.each([
  [1, '[XX001] ERROR:  invalid page in block 3 of relation base/5/16384'],
  [1, '[58P01] ERROR:  could not open file "base/5/16384": No such file or directory'],
  [1, '[XX000] FATAL:  could not locate required checkpoint record at 0/2000080'],
  [1, 'ERROR:  database "shop" has no file for public.orders: pg_tblspc/16384/PG_17_202406281/5/16390'],
  [26, 'ERROR: [026]: error restoring file: checksum does not match'],
  [55, "ERROR: [055]: unable to open missing file '/b/1.gz' for read"],
])('damage: exit code %i and %s', (code, said) => {
  expect(failed(code, said).code).toBe('backup_damaged');
});

test.each([
  [1, '[53100] FATAL:  could not write to file "pg_wal/xlogtemp.7": No space left on device'],
  [1, '[58P01] ERROR:  could not access file "$libdir/timescaledb": No such file or directory'],
  [1, '[58P01] FATAL:  directory "/tmp/outside" does not exist'],
  [1, '[42501] ERROR:  permission denied for table orders'],
  [41, "ERROR: [041]: unable to open file '/scratch/data/1' for write: [13] Permission denied"],
  [82, 'ERROR: [082]: WAL segment was not archived before the 60000ms timeout'],
  [137, ''],
])('not verified: exit code %i and %s', (code, said) => {
  const { code: found, words } = failed(code, said);
  expect([found, words]).toEqual(['backup_not_verified', expect.stringMatching(/^ could not be verified: ./)]);
});
