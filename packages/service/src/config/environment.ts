/** The environment of a process, or a stand-in for it in a test. */
export type Environment = Record<string, string | undefined>
