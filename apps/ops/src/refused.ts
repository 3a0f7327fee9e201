/** What was asked for is well put, and the answer is no: exit code 1. The message is one line for a person. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
