import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFiles } from '../platform/clients/files.ts';
import type { Clients } from '../postgres/clients/ports.ts';
import { describeDeletedKind, describeKind, type KindCase } from './describe-kind.ts';
import { note } from './example-kind.ts';

const page = path.join(import.meta.dirname, '../../../../docs/how-to/add-a-resource-kind.md');
const desired = note.want({ instanceId: 'hello-n1-00000000', hostId: 'host-1', text: 'hello' });
const statuses = new Map<string, unknown>();
let root: string;

/** The example touches files only. */
const files = (): Clients['files'] => openFiles(root, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
const open = (): KindCase => ({
  kind: note,
  clients: { files: files() } as Clients,
  entityId: 'hello',
  desired,
  statuses,
  disturb: () => files().write('instances/hello-n1-00000000/config/note.txt', 'somebody was here'),
});

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'windlass-example-'));
  await files().ensureDirectory('instances/hello-n1-00000000/config', 0o700);
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the example of the how-to', () => {
  it('is shown on the page word for word', () => {
    expect(readFileSync(page, 'utf8')).toContain(
      `\`\`\`ts\n${readFileSync(path.join(import.meta.dirname, 'example-kind.ts'), 'utf8')}\`\`\``,
    );
  });
  describeKind('example.note', open);
  describeDeletedKind('example.note', open);
});
