import { Argument, type Command } from '@commander-js/extra-typings'
import { SHELLS } from '../completion/scripts.ts'
import type { Terminal } from '../terminal.ts'

/** Adds `completion`, and `complete` for its scripts. */
export function completionCommands(program: Command, terminal: Terminal): void {
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
    .argument('[words...]', 'words after daytona')
    .action(async (words) => {
      const { findCandidates } = await import('../completion/candidates.ts')
      for (const { value, description } of findCandidates(program, words)) {
        terminal.stdout.write(`${value}\t${description}\n`)
      }
    })
}

const INSTALL = `
bash:  echo 'source <(daytona completion bash)' >> ~/.bashrc
zsh:   echo 'source <(daytona completion zsh)' >> ~/.zshrc
fish:  echo 'daytona completion fish | source' >> ~/.config/fish/config.fish
`
