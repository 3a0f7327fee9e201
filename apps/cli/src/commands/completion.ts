import { Argument, type Command } from '@commander-js/extra-typings'
import { SHELLS } from '../completion/scripts.ts'
import { escapeUnprintable } from '../escape.ts'
import type { Terminal } from '../terminal.ts'

/** Adds `completion`, and `complete` for its scripts. */
export function completionCommands(
  program: Command,
  terminal: Terminal,
  createProgram: (terminal: Terminal) => Command,
): void {
  program
    .command('completion')
    .description('Print the completion script of your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', INSTALL)
    .action(async (shell) => {
      const { SCRIPTS } = await import('../completion/scripts.ts')
      terminal.stdout.write(SCRIPTS[shell])
    })

  program
    .command('complete', { hidden: true })
    .description('Print completions; run by the scripts.')
    .argument('[words...]', 'words after daytona; for Bash, the line up to the cursor')
    .option('--bash <separators>', 'print for Bash, which splits words at these characters')
    .action(async (words, { bash }) => {
      const { splitShellLine, formatForBash } = await import('../completion/shell-line.ts')
      const line = bash === undefined ? undefined : splitShellLine(words[0] ?? '')
      const { completeWords } = await import('../completion/complete.ts')
      const candidates = await completeWords(terminal, createProgram, line?.words.slice(1) ?? words)
      const lines = candidates.map(({ value, description }) =>
        line === undefined ? `${value}\t${escapeUnprintable(description)}` : formatForBash(value, line, bash ?? ''),
      )
      terminal.stdout.write(lines.map((text) => `${text}\n`).join(''))
    })
}

const INSTALL = `
bash:  echo 'source <(daytona completion bash)' >> ~/.bashrc
zsh:   echo 'source <(daytona completion zsh)' >> ~/.zshrc
fish:  echo 'daytona completion fish | source' >> ~/.config/fish/config.fish
`
