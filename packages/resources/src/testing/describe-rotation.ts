import { randomBytes } from 'node:crypto';
import {
  beginRotation,
  createSecrets,
  finishRotation,
  forgetMasterKey,
  KeyRing,
  keys,
  masterKeyRecords,
  wrappedBy,
  type Kv,
} from '../store/index.ts';
import { aBox } from './a-box.ts';

const [OLD, NEW] = [randomBytes(32), randomBytes(32)];
const idOf = (key: Buffer): string => KeyRing.of(key).ids.join();
const NAMES = ['database/a/user/x', 'database/b/user/x', 'backups/a/r', 'swarm/join'];
const NOW = new Date('2026-01-01T00:00:00Z');

/** A process that is killed at its n-th transaction, before or after the store has it: nothing it does afterwards happens. */
function dyingAt(kv: Kv, n: number, isDone: boolean): Kv {
  let left = n;
  return {
    ...kv,
    commit: async (...args) => {
      left -= 1;
      if (left >= 0) return kv.commit(...args);
      if (left === -1 && isDone) await kv.commit(...args);
      throw new Error('killed');
    },
  };
}

/** What a rotation of the master key has to hold to, on any store. `open` gives an empty one. */
export function describeRotation(where: string, open: () => Promise<Kv>): void {
  describe(`the master key is rotated, ${where}`, () => {
    let kv: Kv;
    beforeEach(async () => {
      kv = await open();
      const secrets = createSecrets(kv, aBox(kv, KeyRing.of(OLD)));
      for (const name of NAMES) await secrets.put(name, `of ${name}`);
    });
    const expectOnly = async (...ring: Buffer[]): Promise<void> => {
      const secrets = createSecrets(kv, aBox(kv, KeyRing.of(...ring)));
      expect(await Promise.all(NAMES.map((name) => secrets.get(name)))).toEqual(NAMES.map((name) => `of ${name}`));
    };

    test.each([false, true])(
      'killed at any write, which the store has or not (%s), and gone on with',
      async (isDone) => {
        let deaths = 0;
        for (let n = 0; ; n += 1) {
          const rows = await kv.list('');
          const killed = await rotate(dyingAt(kv, n, isDone)).then(
            () => false,
            () => true,
          );
          if (!killed) break;
          deaths += 1;
          await expectOnly(OLD, NEW);
          await rotate(kv);
          await expectOnly(NEW);
          expect((await masterKeyRecords.get(kv))?.value).toEqual({ active: idOf(NEW), since: expect.any(String) as string }); // prettier-ignore
          expect([...(await wrappedBy(kv))]).toEqual([[idOf(NEW), NAMES.length]]);
          await kv.commit([], rows.map(({ key, value }) => ({ put: key, value }))); // prettier-ignore
        }
        expect(deaths).toBe(NAMES.length + 2);
      },
    );

    test('by several servers at once', async () => {
      await beginRotation(kv, KeyRing.of(OLD, NEW), undefined, NOW);
      const ended = await Promise.all([1, 2, 3].map(() => finishRotation(kv, KeyRing.of(OLD, NEW))));
      expect(ended.filter(Boolean)).toHaveLength(1);
      await expectOnly(NEW);
    });

    test('an older copy of the store opens with the key of its time alone, and says so', async () => {
      const rows = await kv.list('');
      await rotate(kv);
      await forgetMasterKey(kv, KeyRing.of(NEW), idOf(OLD), NOW);
      await kv.commit([], rows.map(({ key, value }) => ({ put: key, value }))); // prettier-ignore
      const name = NAMES[0] ?? '';
      await expect(createSecrets(kv, aBox(kv, KeyRing.of(NEW))).get(name)).rejects.toThrow(
        `the secret '${name}' cannot be opened: the data key of database/a is wrapped by master key ${idOf(OLD)}, which WINDLASS_MASTER_KEY does not hold`,
      );
      await expectOnly(OLD, NEW);
    });

    test('one record of an older copy, or of another place, is not opened wrongly', async () => {
      const older = (await kv.get(keys.secret('database/a/user/x')))?.value;
      await rotate(kv);
      await kv.commit([], [{ put: keys.secret('database/a/user/x'), value: older }]); // the same data key: it opens
      await expectOnly(NEW);
      await kv.commit([], [{ put: keys.secret('database/b/user/x'), value: older }]);
      await expect(createSecrets(kv, aBox(kv, KeyRing.of(NEW))).get('database/b/user/x')).rejects.toThrow('sealed with key'); // prettier-ignore
    });
  });
}

/** As an operator does, and a server. */
async function rotate(kv: Kv): Promise<void> {
  const ring = KeyRing.of(OLD, NEW);
  if ((await masterKeyRecords.get(kv))?.value.active !== idOf(NEW)) await beginRotation(kv, ring, undefined, NOW);
  await finishRotation(kv, ring);
}
