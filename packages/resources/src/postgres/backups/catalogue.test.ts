import { parseLock } from './backup-progress.ts';
import { parseCatalogue } from './catalogue.ts';

const one = (label: string, stop: number, more: object = {}) => ({
  annotation: { why: 'test', 'windlass-task': 'task-1' },
  archive: { start: '000000010000000000000002', stop: '000000010000000000000003' },
  database: { id: 1, 'repo-key': 1 },
  error: false,
  info: { delta: 20, repository: { delta: 10 }, size: 30 },
  label,
  lsn: { start: '0/2000028', stop: '0/3000100' },
  prior: null,
  reference: null,
  timestamp: { start: stop - 2, stop },
  type: 'full',
  ...more,
});
const info = (backup: object[], repo: object[]) =>
  JSON.stringify([
    { archive: [{ database: { id: 1, 'repo-key': 1 }, id: '17-1', max: 'b', min: 'a' }], backup, name: 'db', repo },
  ]);
const ok = { cipher: 'none', key: 1, status: { code: 0, message: 'ok' } };

describe('what pgBackRest says of its repositories', () => {
  it('becomes a list, oldest first', () => {
    const { backups, repositories } = parseCatalogue(
      info([one('later', 200, { reference: ['earlier'], type: 'incr' }), one('earlier', 100)], [ok]),
    );
    expect(backups.map((b) => [b.label, b.type, b.needs])).toEqual([
      ['earlier', 'full', []],
      ['later', 'incr', ['earlier']],
    ]);
    expect(backups[0]).toMatchObject({
      finishedAt: '1970-01-01T00:01:40.000Z',
      databaseBytes: 30,
      copiedBytes: 20,
      storedBytes: 10,
      annotations: { why: 'test' },
      taskId: 'task-1',
      encrypted: false,
    });
    expect(repositories).toEqual([{ position: 1, walMin: 'a', walMax: 'b' }]);
  });
  it('tells an empty repository from one that is away, and the first line of why', () => {
    const away = {
      cipher: 'aes-256-cbc',
      key: 2,
      status: { code: 99, message: '[HostConnectError] refused\nsecret: x' },
    };
    const { repositories } = parseCatalogue(
      info([], [{ ...ok, status: { code: 2, message: 'no valid backups' } }, away]),
    );
    expect(repositories).toEqual([
      { position: 1, walMin: 'a', walMax: 'b' },
      { position: 2, problem: '[HostConnectError] refused' },
    ]);
  });
  it('tells backups of a former cluster from those of the present one, also from before another one came and went', () => {
    const db = [5, 7, 9, 7].map((system, i) => ({ id: i + 1, 'repo-key': 1, 'system-id': system, version: '17' }));
    const backups = [1, 2, 3, 4].map((id) => one(String(id), id, { database: { id, 'repo-key': 1 } }));
    const [stanza] = JSON.parse(info(backups, [ok])) as object[];
    const found = parseCatalogue(JSON.stringify([{ ...stanza, db }])).backups;
    expect(found.map((b) => [b.label, b.former])).toEqual([['1', true], ['2', undefined], ['3', true], ['4', undefined]]); // prettier-ignore
  });
  it('is empty when there is no stanza', () => {
    expect(parseCatalogue('[]')).toEqual({ backups: [], repositories: [] });
  });
});

describe('how far a backup is', () => {
  it.each([
    ['{"execId":"1-a","pid":1,"sz":300,"szCplt":20}', { bytesDone: 20, bytesTotal: 300 }],
    ['{"execId":"1-a","pid":1,"sz":300', { bytesDone: 0, bytesTotal: 300 }],
    ['{"execId":"1-a","pid":1}', undefined],
    ['', undefined],
  ])('%s', (text, progress) => {
    expect(parseLock(text)).toEqual(progress);
  });
});
