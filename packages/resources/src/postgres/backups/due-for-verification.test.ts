import type { Backup, Catalogue } from './catalogue.ts';
import { dueForVerification } from './due-for-verification.ts';

const backup = (label: string, more: Partial<Backup> = {}): Backup => ({
  label, type: 'full', repository: 1, startedAt: '', finishedAt: '', databaseBytes: 1, copiedBytes: 1, storedBytes: 1,
  walStart: '', walStop: '', lsnStart: '', lsnStop: '', annotations: {}, needs: [], encrypted: false, damaged: false, ...more,
}); // prettier-ignore
const catalogue = (backups: Backup[], repositories: Catalogue['repositories'] = [{ position: 1 }]): Catalogue => ({
  backups,
  repositories,
});
const labels = (found: Catalogue, ...tried: string[]): string[] =>
  dueForVerification(found, new Set(tried)).backups.map((b) => b.label);

describe('what a scheduled verification proves', () => {
  const three = catalogue([backup('old'), backup('middle'), backup('new')]);
  it('the newest, then those before it, and when all were tried the newest again', () => {
    expect(labels(three)).toEqual(['new']);
    expect(labels(three, '1/new')).toEqual(['middle']);
    expect(labels(three, '1/new', '1/middle')).toEqual(['old']);
    expect(labels(three, '1/new', '1/middle', '1/old')).toEqual(['new']);
  });
  it('none that is known to hold damaged pages', () => {
    expect(labels(catalogue([backup('old'), backup('new', { damaged: true })]))).toEqual(['old']);
  });
  it('one of each repository, and names those that have none', () => {
    const found = catalogue(
      [backup('a'), backup('b', { repository: 2 })],
      [{ position: 1 }, { position: 2 }, { position: 3 }, { position: 4, problem: 'is away' }],
    );
    expect(dueForVerification(found, new Set(['2/a']))).toEqual({
      backups: [
        { label: 'a', repository: 1 },
        { label: 'b', repository: 2 },
      ],
      lacking: ['repository 3 has no backup to verify', 'repository 4 cannot be used: is away'],
    });
  });
});
