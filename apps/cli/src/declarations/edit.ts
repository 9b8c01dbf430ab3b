import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { declarationOf, readEntity } from '../entity.ts';
import { CommandError, EXIT } from '../exit.ts';
import { textOf } from '@windlass/client/json';
import type { Session } from '../session.ts';
import { apply, type ApplyFlags } from './apply.ts';
import { parse } from './read.ts';

/** Opens the declaration in an editor, and applies what comes back. */
export async function edit(session: Session, kindName: string, id: string, flags: ApplyFlags): Promise<void> {
  const { terminal } = session;
  const kind = await session.kind(kindName);
  const there = await readEntity(session, kind, id);
  const before = stringify(declarationOf(kind, there));
  const revision = textOf(there, 'revision');
  const folder = mkdtempSync(path.join(tmpdir(), 'windlass-edit-'));
  const file = path.join(folder, `${id}.yaml`);
  try {
    writeFileSync(file, before, { mode: 0o600 });
    const editor = terminal.env['VISUAL'] || terminal.env['EDITOR'] || 'vi';
    // An editor may be given with arguments, so a shell reads it; the file is an argument of its own.
    const { status } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    if (status !== 0) throw new CommandError(EXIT.failed, `the editor (${editor}) failed; nothing was done`);
    const after = readFileSync(file, 'utf8');
    if (after === before) return void terminal.err('nothing was changed\n');
    for (const wanted of parse(file, after, terminal)) await apply(session, { ...wanted, revision }, flags);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
