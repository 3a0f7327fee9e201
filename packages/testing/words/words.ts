/** Words that have an established term in this repository, and that term. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  'die|dies|died|dead|dying': 'end, expire, is revoked, is gone',
  'kill|kills|killed|killing|killer': 'revoke (key, grant, token), end (session), terminate (process)',
  'born|birth|births': 'create, insert',
  'forget|forgets|forgot|forgotten': 'invalidate, evict',
  'hear|hears|heard|hearing': 'receive, be notified',
  'tell|tells|told|telling': 'notify, report, pass',
  'believe|believes|believed': 'trust',
  deaf: 'stale (channel)',
  'sound|until-sound': 'valid, ready (waitForDatabase)',
  joinable: 'in flight',
  desk: 'InteractionContext',
  'wish|wishes': 'KeyRequest, request',
  outlook: 'finding (of doctor)',
  worth: 'effective permissions',
  'nobody|somebody|whoever|whom|whatever': 'name the subject: the caller, a user, a client',
  anew: 'again',
  meanwhile: 'in the meantime, concurrently',
  'in vain': 'without success',
  'goes on|go on|went on': 'continues',
  'refusal|refusals': 'denial (`Denial`)',
}

/** Where such a word is the name of a system call, signal or API of others, or a name that operators have in use. */
const NAMES_OF_OTHERS =
  /\w+_refusals_total\b|'refusals'|flush refusals|\.kill\(|SIGKILL|\bkill -|\bkill "?\$|\bpg_\w+|\bn_dead_tup\b|process\.kill|'kill'|['`]nobody['`]/g

const TERMS = Object.entries(REPLACEMENTS).map(([words, instead]) => ({
  // Parts of names are words too: `killGrant`, `keysHeard`, `grant_killed`.
  pattern: new RegExp(`(?<![a-z])(?:${words})(?![a-z])|(?<=[a-z])(?:${capitalized(words)})(?![a-z])`, 'g'),
  sentenceStart: new RegExp(`\\b(?:${capitalized(words)})(?![a-z])`, 'g'),
  instead,
}))

export interface Finding {
  /** From 1. */
  readonly line: number
  readonly word: string
  readonly instead: string
}

/** Finds the words in a text for which the repository has a term. */
export function findWords(text: string): Finding[] {
  return text.split('\n').flatMap((full, index) => {
    const line = full.replaceAll(NAMES_OF_OTHERS, '')
    return TERMS.flatMap(({ pattern, sentenceStart, instead }) => {
      const words = new Set([...line.matchAll(pattern), ...line.matchAll(sentenceStart)].map(([word]) => word))
      return [...words].map((word) => ({ line: index + 1, word, instead }))
    })
  })
}

function capitalized(words: string): string {
  return words.replaceAll(/(^|\|)([a-z])/g, (_, bar: string, letter: string) => bar + letter.toUpperCase())
}
