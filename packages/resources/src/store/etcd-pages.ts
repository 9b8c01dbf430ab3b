import { Range, type Etcd3, type IRangeResponse } from 'etcd3';
import { ANSWER_TOO_LONG, COMPACTED, reach, saying } from './etcd-errors.ts';

type Row = IRangeResponse['kvs'][number];

export interface PagedRange {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly order: 'asc' | 'desc';
  /** 0: all. */
  readonly limit: number;
}

/** A page is sized to have this much: far less than the longest answer, so that larger values behind it still fit. */
const PAGE_BYTES = 2 * 1024 * 1024;
const FIRST_PAGE = 256;
const LONGEST_PAGE = 4096;
/** A list whose revision is compacted away while it is read begins again; so often in a row, it is too slow for this etcd. */
const ATTEMPTS = 3;

/**
 * Reads a range however large it is, page by page, all of it at the revision of the first page: as one answer would have
 * been. A page too long for gRPC is asked for again with half as many keys.
 */
export async function readPages(client: Etcd3, range: PagedRange): Promise<readonly Row[]> {
  // etcd reads a whole range to sort it backwards, page or not: all of it is read forwards and turned round.
  if (range.order === 'desc' && range.limit === 0)
    return [...(await readPages(client, { ...range, order: 'asc' }))].reverse();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await reach(() => readOnce(client, range));
    } catch (err) {
      if (attempt === ATTEMPTS || !(err instanceof Error && COMPACTED.test(err.message))) throw err;
    }
  }
}

async function readOnce(client: Etcd3, range: PagedRange): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let left = range;
  let revision: string | undefined;
  for (let size = FIRST_PAGE; ;) {
    const limit = range.limit === 0 ? size : Math.min(size, range.limit - rows.length);
    const page = await readPage(client, left, limit, revision);
    if (page === 'too long') {
      size = Math.max(1, Math.floor(limit / 2));
      continue;
    }
    revision ??= page.header.revision;
    rows.push(...page.kvs);
    const last = page.kvs.at(-1);
    if (!last || !page.more || rows.length === range.limit) return rows;
    left = behind(left, last.key);
    size = nextSize(page.kvs);
  }
}

async function readPage(client: Etcd3, { from, to, order }: PagedRange, limit: number, revision: string | undefined) {
  const query = client.getAll().inRange(new Range(from, to)).limit(limit);
  if (order === 'desc') query.sort('Key', 'Descend');
  if (revision !== undefined) query.revision(revision);
  try {
    return await query.exec();
  } catch (err) {
    if (limit > 1 && ANSWER_TOO_LONG.test(saying(err))) return 'too long';
    throw err;
  }
}

/** As many keys as fit if they are like those of the page before. */
function nextSize(page: readonly Row[]): number {
  const bytes = page.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  return Math.min(LONGEST_PAGE, Math.max(1, Math.floor((PAGE_BYTES * page.length) / Math.max(1, bytes))));
}

/** What is left of a range behind a key, in its order. */
const behind = (range: PagedRange, key: Buffer): PagedRange =>
  range.order === 'asc' ? { ...range, from: Buffer.concat([key, Buffer.from([0])]) } : { ...range, to: key };
