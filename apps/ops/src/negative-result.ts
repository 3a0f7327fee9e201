/** Thrown for a valid command with a negative result: exit code 1. The message is one line for the user. */
export class NegativeResult extends Error {
  override readonly name = 'NegativeResult'
}
