/** How a command asks for an option that may be missing. */
export interface OptionPrompt {
  readonly message: string
  /** Values with their labels; an empty value leaves the option out. */
  readonly choices: readonly (readonly [value: string, label: string])[]
  /** The value that is selected first. */
  readonly initial: string
  /** Label of the choice after which the value is typed. */
  readonly custom: string
  /** Attributes of options that replace this one. */
  readonly unless: readonly string[]
}

const PROMPT = Symbol('prompt')

/** Sets the prompt of an option: a command that prompts for required values asks for this one too. */
export const withPrompt = <O extends object>(option: O, prompt: OptionPrompt): O =>
  Object.assign(option, { [PROMPT]: prompt })

/** Returns the prompt of an option, if it has one. */
export const promptOf = (option: object): OptionPrompt | undefined =>
  PROMPT in option ? (option[PROMPT] as OptionPrompt) : undefined
