import { MessageWriter } from './wire.ts';

describe('messages to the server', () => {
  it('are those of the protocol, in one piece', () => {
    const out = new MessageWriter();
    out.parse('w1', 'SELECT $1');
    out.run('w1', ['ü', null, '']);
    out.sync();
    const parse = `50 00000013 773100 53454c45435420243100 0000`;
    const bind = `42 0000001c 00 773100 0000 0003 00000002 c3bc ffffffff 00000000 0000`;
    const hex = [parse, bind, '45 00000009 00 00000000', '53 00000004'].join('').replaceAll(' ', '');
    expect(out.bytes.toString('hex')).toBe(hex);
  });

  it('may be longer than the first piece of memory', () => {
    const out = new MessageWriter();
    for (let i = 0; i < 10; i += 1) out.run('w1', ['x'.repeat(50_000)]);
    expect(out.bytes.length).toBe(10 * (50_000 + 1 + 4 + 1 + 3 + 2 + 2 + 4 + 2 + 10));
  });
});
