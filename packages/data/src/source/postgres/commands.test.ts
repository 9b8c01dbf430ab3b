import { alterSlotText, createSlotText, dropSlotText, skipsOriginsHere, startText } from './commands.ts';

const start = { slot: 's', publications: ['p'] };
const refused = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('replication commands', () => {
  it('make a slot', () => {
    expect(createSlotText({ name: 's' }, 15)).toBe(
      `CREATE_REPLICATION_SLOT "s" LOGICAL "pgoutput" (SNAPSHOT 'nothing')`,
    );
    expect(
      createSlotText({ name: 'a"b', temporary: true, snapshot: 'export', twoPhase: true, failover: true }, 17),
    ).toBe(`CREATE_REPLICATION_SLOT "a""b" TEMPORARY LOGICAL "pgoutput" (SNAPSHOT 'export', TWO_PHASE, FAILOVER)`);
    expect(() => createSlotText({ name: 's', failover: true }, 16)).toThrow(refused('operation_not_supported'));
  });

  it('drop and change a slot', () => {
    expect([dropSlotText('s'), dropSlotText('s', true)]).toEqual([
      'DROP_REPLICATION_SLOT "s"',
      'DROP_REPLICATION_SLOT "s" WAIT',
    ]);
    expect(alterSlotText('s', { failover: true }, 17)).toBe(`ALTER_REPLICATION_SLOT "s" (FAILOVER 'true')`);
    expect(alterSlotText('s', { failover: false, twoPhase: true }, 18)).toBe(
      `ALTER_REPLICATION_SLOT "s" (FAILOVER 'false', TWO_PHASE 'true')`,
    );
    expect(() => alterSlotText('s', { failover: true }, 15)).toThrow(refused('operation_not_supported'));
    expect(() => alterSlotText('s', { twoPhase: true }, 17)).toThrow(refused('operation_not_supported'));
  });

  it('start with the lowest version and nothing else by default', () => {
    expect(startText(start, 15)).toBe(
      `START_REPLICATION SLOT "s" LOGICAL 0/0 (proto_version '1', publication_names '"p"')`,
    );
  });

  it('start with everything', () => {
    const options = { slot: 's', publications: [`it's`, 'a"b'], startLsn: 0x16b374d848n, protoVersion: 4 } as const;
    const more = { binary: true, messages: true, streaming: 'parallel', twoPhase: true, origin: 'none' } as const;
    expect(startText({ ...options, ...more }, 16)).toBe(
      `START_REPLICATION SLOT "s" LOGICAL 16/B374D848 (proto_version '4', publication_names '"it''s","a""b"', binary 'true', ` +
        `messages 'true', streaming 'parallel', two_phase 'true', origin 'none')`,
    );
  });

  it.each([
    ['operation_not_supported', { protoVersion: 4 }, 15],
    ['operation_not_supported', { protoVersion: 3, twoPhase: true, origin: 'none' }, 15],
    ['invalid_input', { streaming: 'on' }, 18],
    ['invalid_input', { streaming: 'parallel', protoVersion: 3 }, 18],
    ['invalid_input', { twoPhase: true, protoVersion: 2 }, 18],
  ] as const)('refuse with %s: %j on %i', (code, options, major) => {
    expect(() => startText({ ...start, ...options }, major)).toThrow(refused(code));
  });

  it('leave origins out here where the server cannot', () => {
    expect(startText({ ...start, origin: 'none' }, 15)).not.toContain('origin');
    const here = [15, 16].map((major) => skipsOriginsHere({ ...start, origin: 'none' }, major));
    expect([...here, skipsOriginsHere(start, 15)]).toEqual([true, false, false]);
  });
});
