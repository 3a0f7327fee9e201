import { Option } from '@commander-js/extra-typings'

/** The option that opens the dashboard's page instead of printing. */
export const webOption = () => new Option('--web', 'open it in the dashboard; without a browser, print the URL')

/** A command with that option. */
export interface WebOption {
  readonly web?: true | undefined
}
