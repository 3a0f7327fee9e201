/** The environment of a process, or one that a test passes. */
export type Environment = Record<string, string | undefined>
