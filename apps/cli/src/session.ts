import type { Command } from 'commander';
import type { Kind, WindlassClient } from '@windlass/client';
import { findConnection } from './config/connection.ts';
import { usageError } from './exit.ts';
import type { Format } from './output/print.ts';
import { painter, type Paint, type Terminal } from './terminal.ts';

/** One run of the command. */
export interface Session {
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly format: Format;
  client(): Promise<WindlassClient>;
  kind(name: string): Promise<Kind>;
}

interface GlobalOptions {
  readonly output: Format;
  readonly context?: string;
}

/** Modules that take long to load are loaded by those who use them. */
export function sessionOf(command: Command, terminal: Terminal): Session {
  const { output, context } = command.optsWithGlobals<GlobalOptions>();
  let made: Promise<WindlassClient> | undefined;
  const client = () => (made ??= connect(terminal, context));
  return {
    terminal,
    paint: painter(terminal),
    format: output,
    client,
    kind: async (name) => pick(await (await client()).kinds(), name),
  };
}

async function connect(terminal: Terminal, context: string | undefined): Promise<WindlassClient> {
  const { createClient } = await import('@windlass/client');
  return createClient(findConnection(terminal, context));
}

function pick(kinds: readonly Kind[], name: string): Kind {
  const found = kinds.find(({ noun, plural }) => noun === name || plural === name);
  if (found) return found;
  throw usageError(`unknown kind '${name}': there are ${kinds.map(({ plural }) => plural).join(', ')}`);
}
