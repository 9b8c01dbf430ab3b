import type { Catalogue } from './catalogue.ts';

/** What a scheduled verification is to prove. */
export interface Due {
  readonly backups: readonly { readonly label: string; readonly repository: number }[];
  /** Repositories of which nothing can be proven, each in words. */
  readonly lacking: readonly string[];
}

/**
 * Of each repository the newest good backup that was never verified; when all of them were, the newest again, because what
 * was good may have been damaged since. `tried` are those that were verified, however it ended, as `<repository>/<label>`.
 */
export function dueForVerification({ backups, repositories }: Catalogue, tried: ReadonlySet<string>): Due {
  const found = repositories.map(({ position, problem }) => {
    const name = `repository ${String(position)}`;
    if (problem !== undefined) return { lacking: `${name} cannot be used: ${problem}` };
    const good = backups.filter((b) => b.repository === position && !b.damaged && !b.former);
    const due = good.findLast(({ label }) => !tried.has(`${String(position)}/${label}`)) ?? good.at(-1);
    return due ? { due: { label: due.label, repository: position } } : { lacking: `${name} has no backup to verify` };
  });
  return {
    backups: found.flatMap(({ due }) => (due ? [due] : [])),
    lacking: found.flatMap(({ lacking }) => (lacking === undefined ? [] : [lacking])),
  };
}
