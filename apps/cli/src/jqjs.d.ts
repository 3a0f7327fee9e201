/** The part of jqjs in use; the package has no types. */
declare module '@michaelhomer/jqjs' {
  /** @throws for an invalid program */
  export function compile(program: string): (value: unknown) => Iterable<unknown>
}
