/** What the command speaks through: the process itself, or a test. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether a person reads what is printed. */
  readonly isTTY: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Aborted when nobody reads what is printed any more, as behind `| head`. */
  readonly unheard: AbortSignal;
  /** Where what goes on is drawn, and drawn anew; absent where no person looks at it. */
  readonly live?: NodeJS.WriteStream | undefined;
  out(text: string): void;
  err(text: string): void;
  /** False when nobody can be asked. */
  confirm(question: string): Promise<boolean>;
  readInput(): Promise<string>;
  readonly programs: Programs;
}

/** Other programs of this machine. */
export interface Programs {
  has(name: string): boolean;
  /** Runs one that has the terminal, and Ctrl-C, for its own; resolves with its status. */
  run(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number>;
}

const CODES = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
export type Paint = (colour: keyof typeof CODES, text: string) => string;

/** Colours are for people: not for files, and not where NO_COLOR is set. */
export const painter =
  ({ isTTY, env }: Pick<Terminal, 'isTTY' | 'env'>): Paint =>
  (colour, text) =>
    isTTY && (env['NO_COLOR'] ?? '') === '' ? `\u001b[${String(CODES[colour])}m${text}\u001b[0m` : text;
