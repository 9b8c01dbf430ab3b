import { Argument, type Command } from 'commander';
import type { AddCommands } from '../program.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** The shell asks the command itself, which knows what it takes. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_windlass() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(windlass complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _windlass windlass
`,
  zsh: `_windlass() {
  local -a found
  found=(\${(f)"$(windlass complete -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  compadd -a found || _files
}
compdef _windlass windlass
`,
  fish: `complete -c windlass -a '(windlass complete -- (commandline -opc)[2..-1] 2>/dev/null)'
`,
};

/** `completion bash|zsh|fish`. */
export const addCompletion: AddCommands = (program, terminal) => {
  program
    .command('completion')
    .description('a script for a shell, to complete commands and options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => terminal.out(SCRIPTS[shell]));
  program
    .command('complete [words...]', { hidden: true })
    .action((words: readonly string[]) => terminal.out(candidates(program, words).map((one) => `${one}\n`).join(''))); // prettier-ignore
};

/** What may come after these words. */
export function candidates(program: Command, words: readonly string[]): readonly string[] {
  let at = program;
  for (const word of words) at = at.commands.find((command) => command.name() === word) ?? at;
  const help = at.createHelp();
  const options = [...help.visibleOptions(at), ...(at === program ? [] : program.options)].flatMap(
    ({ long }) => long ?? [],
  );
  return [...commandsOf(help.visibleCommands(at)), ...new Set(options)];
}

const commandsOf = (commands: readonly Command[]) =>
  commands.map((one) => one.name()).filter((name) => name !== 'help');
