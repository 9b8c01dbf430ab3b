import { isScramVerifier, makeScramVerifier, matchesScramVerifier, passwordVersion } from './index.ts';

const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');

describe('SCRAM verifiers', () => {
  it('agree with RFC 7677', () => {
    const verifier = makeScramVerifier('pencil', { salt });
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
    expect(matchesScramVerifier('pencil', verifier)).toBe(true);
    expect(matchesScramVerifier('pencils', verifier)).toBe(false);
    expect(isScramVerifier(verifier)).toBe(true);
  });
  it('prepare passwords as Postgres does: normal form where allowed, as they are where not', () => {
    expect(makeScramVerifier('\u2168', { salt })).toBe(makeScramVerifier('IX', { salt }));
    expect(makeScramVerifier('I\u00adX', { salt })).toBe(makeScramVerifier('IX', { salt }));
    expect(makeScramVerifier('a\u00a0b', { salt })).toBe(makeScramVerifier('a b', { salt }));
    expect(makeScramVerifier('a\u0007b', { salt })).not.toBe(makeScramVerifier('ab', { salt }));
  });
  it('have a salt of their own and hold no clear text', () => {
    const [one, two] = [makeScramVerifier('canary'), makeScramVerifier('canary')];
    expect(one).not.toBe(two);
    expect(one).not.toContain('canary');
    expect(passwordVersion(one)).toMatch(/^[0-9a-f]{16}$/);
  });
  it.each([
    '',
    'md5abc',
    'SCRAM-SHA-256$0:AAAA$x:y',
    'SCRAM-SHA-256$9999999:AAAA$' + 'A'.repeat(43) + '=:' + 'A'.repeat(43) + '=',
  ])('never match %j', (verifier) => {
    expect(matchesScramVerifier('x', verifier)).toBe(false);
  });
  it('a password that looks like a verifier is a password', () => {
    const verifier = makeScramVerifier('pencil', { salt });
    expect(matchesScramVerifier(verifier, verifier)).toBe(false);
    expect(matchesScramVerifier(verifier, makeScramVerifier(verifier))).toBe(true);
  });
});
