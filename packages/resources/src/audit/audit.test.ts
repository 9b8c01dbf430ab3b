import { createMemoryKv } from '../store/memory.ts';
import type { Kv } from '../store/kv.ts';
import { AuditChain } from './chain.ts';
import { changesBetween } from './changes.ts';
import { checkAudit } from './check.ts';
import { auditIntents, auditLines, auditMarks, lineId } from './records.ts';
import type { AuditEvent, AuditLine, AuditMark } from './shapes.ts';
import { GENESIS, nextLine } from './seal.ts';
import { trimAudit } from './trim.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
const now = (): Date => NOW;
const eventOf = (id: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  ...{ id, at: NOW.toISOString(), who: { kind: 'loopback' }, operation: 'create-database', answer: { status: 200 } },
  ...more,
});

let kv: Kv;
beforeEach(() => void (kv = createMemoryKv()));

const stored = async (): Promise<AuditLine[]> => (await auditLines.list(kv, [])).map(({ value }) => value);
const head = async (): Promise<AuditMark> => (await auditMarks.get(kv, 'head'))?.value ?? GENESIS;
async function exported(): Promise<string[]> {
  const after = (await auditMarks.get(kv, 'anchor'))?.value ?? GENESIS;
  return [{ windlass_audit: 1, after }, ...(await stored()), { head: await head() }].map((one) => JSON.stringify(one));
}
async function fill(count: number): Promise<void> {
  const chain = new AuditChain({ kv, now });
  await Promise.all(Array.from({ length: count }, (_none, at) => chain.append({ event: eventOf(`r${String(at)}`) })));
}

describe('the chain', () => {
  it('takes lines of several servers at once: none is lost, and all of them lead to the head', async () => {
    const servers = [1, 2, 3].map(() => new AuditChain({ kv, now }));
    const ids = Array.from({ length: 150 }, (_none, at) => `r${String(at)}`);
    await Promise.all(ids.map(async (id, at) => servers[at % 3]?.append({ event: eventOf(id) })));
    const lines = await stored();
    expect(lines.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(lines.map(({ seq }) => seq)).toEqual(ids.map((_id, at) => at + 1));
    expect(await checkAudit(await exported())).toEqual({ lines: 150, head: await head() });
  });

  it('stores what comes at once in one transaction', async () => {
    const commit = jest.spyOn(kv, 'commit');
    await fill(50);
    expect(commit.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('takes the place of an intent, once, whoever is first', async () => {
    const [mine, others] = [new AuditChain({ kv, now }), new AuditChain({ kv, now })];
    const revision =
      (await kv.commit([], [auditIntents.put({ event: eventOf('r1'), isAnswered: true }, 'x', 'r1')])) || 0;
    const entry = { event: eventOf('r1'), intent: { id: ['x', 'r1'] as const, revision } };
    expect(await others.append({ ...entry, onlyWithIntent: true })).toMatchObject({ seq: 1 });
    expect(await others.append({ ...entry, onlyWithIntent: true })).toBeUndefined();
    expect(await mine.append(entry)).toMatchObject({ seq: 2, id: 'r1' });
    expect(await auditIntents.list(kv, [])).toEqual([]);
  });

  it('says when the store fails, and goes on from what is stored when it works again', async () => {
    const chain = new AuditChain({ kv, now });
    await chain.append({ event: eventOf('r1') });
    const commit = jest.spyOn(kv, 'commit').mockImplementationOnce(async (expect, writes) => {
      await kv.commit(expect, writes); // the answer is lost
      throw new Error('no answer');
    });
    await expect(chain.append({ event: eventOf('r2') })).rejects.toThrow('no answer');
    commit.mockRestore();
    await chain.append({ event: eventOf('r3') });
    expect((await stored()).map(({ id }) => id)).toEqual(['r1', 'r2', 'r3']);
  });

  it('says that the store went back to an older state', async () => {
    const chain = new AuditChain({ kv, now });
    for (const id of ['r1', 'r2', 'r3']) await chain.append({ event: eventOf(id) });
    const [first] = await stored();
    await kv.commit([], [auditLines.remove(lineId(2)), auditLines.remove(lineId(3)), auditMarks.put({ seq: 1, hash: first?.hash ?? '' }, 'head')]); // prettier-ignore
    await chain.append({ event: eventOf('r4') });
    expect((await stored()).map(({ operation }) => operation)).toEqual(['create-database', 'store-went-back', 'create-database']); // prettier-ignore
    expect(await checkAudit(await exported())).toMatchObject({ lines: 3 });
  });

  it('takes nothing that could not be read again', async () => {
    const event = eventOf('x'.repeat(101));
    await expect(new AuditChain({ kv, now }).append({ event })).rejects.toMatchObject({ code: 'server_error' });
  });
});

describe('the check of an export', () => {
  let good: string[];
  beforeEach(async () => {
    await fill(5);
    good = await exported();
  });
  const wrong = async (lines: readonly string[], known?: AuditMark) => {
    const verdict = await checkAudit(lines, known);
    return 'wrong' in verdict ? `${String(verdict.lineNumber)}: ${verdict.wrong}` : 'good';
  };
  const without = (at: number): string[] => good.filter((_line, n) => n !== at);

  it('finds a changed line, whatever was changed of it', async () => {
    const change = (from: string, to: string) => good.map((line, at) => (at === 3 ? line.replace(from, to) : line));
    for (const [from, to] of [
      ['create-database', 'delete-database'],
      ['loopback', 'operator'],
      ['"status":200', '"status":500'],
      ['{', '{"more":1,'],
    ] as const)
      // prettier-ignore
      expect(await wrong(change(from, to))).toBe('4: line 3 of the chain was changed: it does not hash to what it says');
  });

  it('finds a line that is missing, one that was replaced, and two that changed places', async () => {
    expect(await wrong(without(3))).toBe('5: lines 3 to 3 of the chain are missing'.replace('5', '4'));
    const second = (await stored())[1];
    const forged = nextLine({ seq: 2, hash: second?.hash ?? '' }, eventOf('forged'));
    expect(await wrong(good.map((line, at) => (at === 3 ? JSON.stringify(forged) : line)))).toContain('line 3 of the chain was replaced'); // prettier-ignore
    expect(await wrong([...good.slice(0, 2), good[3] ?? '', good[2] ?? '', ...good.slice(4)])).toContain('missing');
  });

  it('finds that it is cut off: at the end, in the middle of a line, at the beginning, and before the head it states', async () => {
    expect(await wrong(good.slice(0, 4))).toBe('4: it is cut off after line 3 of the chain: the end is missing');
    expect(await wrong(good.slice(0, 4).map((line, at) => (at === 3 ? line.slice(0, 50) : line)))).toContain('cut off in the middle'); // prettier-ignore
    expect(await wrong(without(0))).toBe('1: the beginning is missing');
    expect(await wrong(without(5))).toBe('6: lines 5 to 5 of the chain are missing');
    expect(await wrong([])).toBe('0: it is empty');
    expect(await wrong([...good, '{}'])).toContain('after the end');
  });

  it('finds with a known head that the file was written anew, or ends too early', async () => {
    const known = await head();
    const third = (await stored())[2];
    const short = [...good.slice(0, 4), JSON.stringify({ head: { seq: 3, hash: third?.hash } })];
    expect([await wrong(short), await wrong(good, known)]).toEqual(['good', 'good']);
    expect(await wrong(short, known)).toContain('it is cut off: line 5 of the chain is known');
    kv = createMemoryKv();
    await fill(6);
    expect(await wrong(await exported(), { seq: 5, hash: 'f'.repeat(64) })).toContain('written anew');
  });
});

describe('what is forgotten', () => {
  it('are the oldest lines over the number; the rest can be checked still, and says that they went', async () => {
    await fill(250);
    const chain = new AuditChain({ kv, now });
    const known = await head();
    expect(await trimAudit({ kv, chain, by: 's1', now }, { lines: 20, days: 1 })).toBe(230);
    const lines = await stored();
    expect([lines[0]?.seq, lines.at(-1)?.operation, lines.length]).toEqual([231, 'trim-audit', 21]);
    expect(await checkAudit(await exported(), known)).toMatchObject({ lines: 21 });
    expect(await checkAudit((await exported()).filter((_line, at) => at !== 1))).toMatchObject({ lineNumber: 2 });
  });

  it('are those that are too old; the newest stays', async () => {
    await fill(3);
    const later = (): Date => new Date(NOW.getTime() + 3 * 86_400_000);
    const trim = () => trimAudit({ kv, chain: new AuditChain({ kv, now: later }), by: 's1', now: later }, { lines: 1000, days: 2 }); // prettier-ignore
    expect(await trim()).toBe(2);
    expect(await checkAudit(await exported())).toMatchObject({ lines: 2 });
  });
});

describe('what has changed', () => {
  const before = { spec: { port: 5432, nodes: [{ name: 'n1', host_ids: ['h1'] }], database_users: [{ username: 'app' }] }, passwordVersions: { app: 'aaaa' } }; // prettier-ignore

  it('is told field by field, in numbers and names', () => {
    const after = { ...before, spec: { ...before.spec, port: 5433, nodes: [{ name: 'n1', host_ids: ['h1', 'h2'] }] } };
    expect(changesBetween(before, after)).toEqual([
      { field: 'spec.nodes[n1].host_ids[1]', after: 'h2' },
      { field: 'spec.port', before: 5432, after: 5433 },
    ]);
  });

  it('never tells what may be a secret: of a field of such a name, of free text, of anything long', () => {
    const secrets = { password: 'canary1', s3_key: 'canary2', scripts: ['canary3'], note: "it's canary4", long: `canary5${'x'.repeat(60)}`, postgresql_conf: { 'my.setting': 'canary6' } }; // prettier-ignore
    const told = changesBetween(before, { ...before, spec: { ...before.spec, ...secrets }, passwordVersions: { app: 'bbbb' } }); // prettier-ignore
    expect(JSON.stringify(told)).not.toMatch(/canary|aaaa|bbbb/);
    expect(told.map(({ field }) => field)).toEqual(['passwordVersions.app', 'spec.long', 'spec.note', 'spec.password', 'spec.postgresql_conf.my.setting', 'spec.s3_key', 'spec.scripts[0]']); // prettier-ignore
  });

  it('is told of so many fields at most', () => {
    const many = Object.fromEntries(Array.from({ length: 80 }, (_none, at) => [`f${String(at)}`, at]));
    expect(changesBetween({}, many)).toHaveLength(50);
    expect(changesBetween({}, many).at(-1)).toEqual({ field: 'and 31 more' });
  });
});
