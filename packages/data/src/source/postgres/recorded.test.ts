import { assembleAll, decodeAll, outline, readRecording, recordings } from '../../testing/recordings.ts';
import { decodeMessage } from './decode.ts';
import { formatLsn } from './lsn.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatTimestamp } from './timestamp.ts';
import { UNCHANGED, type PgoutputMessage } from './messages.ts';

/** What recorded.itest.ts did, as each version is to tell it. */
const START = [
  ...[
    'begin',
    '3 x insert t',
    'update t key',
    'update t',
    'delete t key',
    'message in side',
    'commit',
    'message out side',
  ],
  ...['begin', 'insert f', 'update f full', 'delete f full', 'commit', 'begin', 'truncate t f', 'commit'],
  ...['begin elsewhere', 'insert t', 'commit'],
];
const SMALL = ['begin', 'insert t', 'commit'];
const PREPARED = [
  ...['beginPrepare', 'insert t', 'prepare small', 'commitPrepared small'],
  ...['beginPrepare', 'insert t', 'prepare undone', 'rollbackPrepared undone'],
  ...['beginPrepare streamed', '501 x insert t', 'prepare big', 'commitPrepared big'],
];
const WHOLE: Readonly<Record<string, readonly string[]>> = {
  v1: [...START, 'begin', '502 x insert t', 'commit', ...SMALL, 'begin', '501 x insert t', 'commit'],
  v2: [
    ...[...START, 'begin streamed', '502 x insert t', 'commit', ...SMALL],
    ...['begin streamed', '501 x insert t', 'commit'],
  ],
  v3: [...START, 'begin streamed', '502 x insert t', 'commit', ...PREPARED],
};
const KINDS = ['begin', 'type', 'relation', 'insert', 'update', 'delete', 'message', 'commit', 'truncate', 'origin'];
const STREAMED = ['streamStart', 'streamStop', 'streamAbort'];
const TWO_PHASE = ['beginPrepare', 'prepare', 'commitPrepared', 'rollbackPrepared', 'streamPrepare'];
const kindsOf = (version: string): string[] => [
  ...KINDS,
  ...(version === 'v1' ? [] : [...STREAMED, 'streamCommit']),
  ...(version > 'v2' ? TWO_PHASE : []),
];

describe('recordings of 15, 17 and 18', () => {
  it('are there for every version of the protocol', () => {
    expect(recordings()).toEqual([
      '15-v1',
      '15-v2',
      '15-v3',
      ...[17, 18].flatMap((n) => [1, 2, 3, 4].map((v) => `${String(n)}-v${String(v)}`)),
    ]);
  });

  it.each(recordings())('%s has every kind of message', (name) => {
    const kinds = new Set(decodeAll(readRecording(name)).map(({ tag }) => tag));
    expect([...kinds].sort()).toEqual(kindsOf(name.slice(3)).sort());
  });

  it.each(recordings())('%s gives what was committed and prepared', async (name) => {
    const version = name.slice(3).replace('v4', 'v3');
    expect(outline(await assembleAll(readRecording(name)))).toEqual(WHOLE[version]);
  });

  it.each(recordings())('%s has the values that were written', (name) => {
    const messages = decodeAll(readRecording(name));
    const first = <T extends PgoutputMessage['tag']>(tag: T) =>
      messages.filter((one): one is Extract<PgoutputMessage, { tag: T }> => one.tag === tag)[0];
    expect(first('insert')?.newTuple).toEqual(['1', 'ünï', 'ok']);
    expect(first('update')).toMatchObject({
      old: { kind: 'key', tuple: ['1', null, null] },
      newTuple: ['4', 'ünï', 'ok'],
    });
    expect(messages.filter(({ tag }) => tag === 'update')[1]).toMatchObject({ newTuple: ['3', UNCHANGED, null] });
    expect(first('truncate')).toMatchObject({ cascade: true, restartIdentity: true });
    expect(first('type')).toMatchObject({ namespace: 'public', name: 'mood' });
    expect(first('origin')?.name).toBe('elsewhere');
    expect(formatLsn(first('origin')?.lsn ?? 0n)).toBe('16/B374D848');
    const times = messages.flatMap((one) => (one.tag === 'begin' ? [formatTimestamp(one.commitTime)] : []));
    expect(times).toContain('2026-11-26T10:00:00.000000Z');
  });

  it.each(recordings())('%s: no message cut short is taken for a whole one', (name) => {
    for (const bytes of readRecording(name).slice(0, 30))
      for (let end = 0; end < Math.min(bytes.length, 200); end++)
        expect(() => decodeMessage(bytes.subarray(0, end), false)).toThrow(ProtocolError);
  });
});
