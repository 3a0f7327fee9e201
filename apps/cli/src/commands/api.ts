import { Argument, type Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { fieldOption, pathOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** Adds `api`, which sends one request. */
export function apiCommand(program: Command, terminal: Terminal): void {
  program
    .command('api')
    .description('Send a request to the API and print its response.')
    .addArgument(new Argument('<method>', 'HTTP method').choices(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const))
    .argument('<path>', 'path with query; {organizationId} stands for the selected organization', pathOption)
    .option('-F, --field <name=value>', 'member of the JSON body; a value that is JSON keeps its type', fieldOption)
    .option('--input <file>', 'file with the JSON body, or - for standard input')
    .action(async (method, path, options, command) => {
      const { sendRequest } = await import('./api/send-request.ts')
      await sendRequest(createContext(terminal, command), method, path, options)
    })
}
