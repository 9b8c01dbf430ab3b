import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ACTIONS, REASONS } from '../engine/plan-types.ts';

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
].sort();

/** Where the links of a page go, without those to other sites. */
const linksOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1] ?? '').filter((link) => !/^[a-z]+:/.test(link));

/** The id of a heading, as GitHub makes it. */
const idOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const idsIn = (file: string): string[] => [
  ...[...read(file).matchAll(/^#+ (.+)$/gm)].map((m) => idOf(m[1] ?? '')),
  ...[...read(file).matchAll(/<a id="([^"]+)">/g)].map((m) => m[1] ?? ''),
];

function isDead(page: string, link: string): boolean {
  const [file = '', id] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(root, target))) return true;
  return id !== undefined && target.endsWith('.md') && !idsIn(target).includes(id);
}

/** Paths of files a page names in code style; a pattern is no path. */
const filesIn = (page: string): string[] =>
  [...read(page).matchAll(/`((?:packages|apps|bin|bench|docs|e2e|images)\/[\w./-]+\.\w+)`/g)].map((m) => m[1] ?? '');

const filesUnder = (folder: string): string[] =>
  readdirSync(path.join(root, folder, 'src'), { recursive: true, encoding: 'utf8' }).map((file) => `src/${file}`);

/** What the commands of a page that run tests select no test with: `folder: pattern`. */
const selectsNothing = (page: string): string[] =>
  [
    ...read(page).matchAll(/cd ([\w/-]+) && .*?\bjest(?: -c \S*?(?:jest\.(base|itest|wtest|config))\.cjs)([^`\n]*)/g),
  ].flatMap(([, folder = '', config = '', rest = '']) => {
    const ending = { itest: '.itest.ts', wtest: '.wtest.ts' }[config] ?? '.test.ts';
    const tests = filesUnder(folder).filter((file) => file.endsWith(ending));
    const patterns = rest.split(/\s+/).filter((word) => word.startsWith('src/'));
    return patterns.filter((one) => !tests.some((file) => file.includes(one))).map((one) => `${folder}: ${one}`);
  });

describe('the documentation', () => {
  it.each(pages)('%s: every link leads somewhere', (page) => {
    expect(linksOf(page).filter((link) => isDead(page, link))).toEqual([]);
  });

  it.each(pages)('%s: every file it names is there', (page) => {
    expect(filesIn(page).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it.each(pages)('%s: every command that runs tests runs some', (page) => {
    expect(selectsNothing(page)).toEqual([]);
  });

  it('has every page linked from another one', () => {
    const linked = pages.flatMap((page) =>
      linksOf(page).map((link) => path.join(path.dirname(page), link.split('#')[0] ?? '')),
    );
    const alone = pages.filter((page) => !linked.includes(page) && !/^README|^docs\/adr\//.test(page));
    expect(alone).toEqual([]);
  });

  it.each([...ACTIONS, ...REASONS])('says what `%s` means', (word) => {
    expect(read('docs/planning.md')).toMatch(new RegExp(`^\\| \`${word}\` +\\| \\w`, 'm'));
  });

  it('says every word of the glossary once', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\| ([\w ]+?) +\| (?!meaning)\S/gm)].map((m) => m[1] ?? '');
    expect(words.length).toBeGreaterThan(60);
    expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
  });
});
