import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const FILE = 'WINDLASS_MASTER_KEY_FILE';
const TEXT = 'WINDLASS_MASTER_KEY';
const COMMAND = 'WINDLASS_MASTER_KEY_COMMAND';
const ALL = [FILE, TEXT, COMMAND] as const;

/** A command is asked for again this often at most. */
const COMMAND_EVERY_MS = 60_000;
const COMMAND_WITHIN_MS = 10_000;

/** Where the master keys are, one of them: a file, the text itself, or a command that prints it. One key a line, as 64 hexadecimal digits. */
export const masterKeySettings = {
  WINDLASS_MASTER_KEY_FILE: z.string().optional(),
  WINDLASS_MASTER_KEY: z.string().optional(),
  /** Run by `/bin/sh -c`. */
  WINDLASS_MASTER_KEY_COMMAND: z.string().optional(),
};
type Settings = Readonly<Partial<Record<keyof typeof masterKeySettings, string | undefined>>>;

const givenOf = (given: Readonly<Record<string, string | undefined>>) =>
  ALL.filter((name) => given[name] !== undefined);

/** One line when there is not exactly one of them. */
export function wrongMasterKeys(given: Readonly<Record<string, string | undefined>>): string[] {
  const found = givenOf(given);
  if (found.length === 0) return [`  ${FILE}: is required, or ${TEXT}, or ${COMMAND}`];
  return found.length === 1 ? [] : [`  ${found.join(', ')}: only one of them may be given`];
}

/** What is said once stands; a setting of its own takes the place of the file that a join has left. */
export const withoutKeysOf = <S extends Settings>(joined: S, env: Settings): S | Omit<S, typeof FILE> => {
  const { [FILE]: _file, ...others } = joined;
  return env[TEXT] !== undefined || env[COMMAND] !== undefined ? others : joined;
};

/** Where the keys come from, as `KeyRing.open` takes it. What cannot be read is an error that names the setting and tells nothing of a key. */
export function masterKeySource(settings: Settings): { readonly setting: string; read(): Promise<string> } {
  const { [FILE]: file, [TEXT]: text, [COMMAND]: command } = settings;
  if (file !== undefined) return { setting: FILE, read: () => readKeyFile(file) };
  if (command !== undefined) return { setting: COMMAND, read: seldom(() => runKeyCommand(command)) };
  return { setting: TEXT, read: () => Promise.resolve(text ?? '') };
}

const readKeyFile = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((err: NodeJS.ErrnoException) => {
    throw new Error(`${FILE}: cannot read "${file}" (${err.code ?? 'unknown'})`, { cause: err });
  });

async function runKeyCommand(command: string): Promise<string> {
  try {
    return (await promisify(execFile)('/bin/sh', ['-c', command], { timeout: COMMAND_WITHIN_MS })).stdout;
  } catch (cause) {
    // Its output, which the error holds, may have a key in it.
    const { code, killed } = cause as { code?: number | string; killed?: boolean };
    const how = killed ? `did not end within ${String(COMMAND_WITHIN_MS / 1000)} s` : `ended with ${String(code)}`;
    throw new Error(`${COMMAND}: the command ${how}`);
  }
}

/** What was read a moment ago is taken for what it is now. */
function seldom(read: () => Promise<string>): () => Promise<string> {
  let last: { readonly at: number; readonly text: Promise<string> } | undefined;
  return () => {
    if (!last || Date.now() - last.at > COMMAND_EVERY_MS) last = { at: Date.now(), text: read() };
    last.text.catch(() => (last = undefined));
    return last.text;
  };
}
