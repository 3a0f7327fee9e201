import { Argument, type Command } from '@commander-js/extra-typings'
import { SHELLS } from '../completion/scripts.ts'
import type { Terminal } from '../terminal.ts'

/** Completion by the tab key. */
export function completionCommands(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .description('Print what your shell needs to complete daytona by the tab key.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', INSTALL)
    .action(async (shell) => {
      const { SCRIPTS } = await import('../completion/scripts.ts')
      terminal.stdout.write(SCRIPTS[shell])
    })

  program
    .command('complete', { hidden: true })
    .description('What could stand where the cursor is: asked by the scripts above.')
    .argument('[words...]', 'those behind daytona')
    .action(async (words) => {
      const { candidates } = await import('../completion/candidates.ts')
      for (const { value, description } of candidates(program, words)) {
        terminal.stdout.write(`${value}\t${description}\n`)
      }
    })
}

const INSTALL = `
bash:  echo 'source <(daytona completion bash)' >> ~/.bashrc
zsh:   echo 'source <(daytona completion zsh)' >> ~/.zshrc
fish:  echo 'daytona completion fish | source' >> ~/.config/fish/config.fish
`
