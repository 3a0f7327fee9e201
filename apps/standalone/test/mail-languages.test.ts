import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const ROOT = join(import.meta.dirname, '../../..')

const sources = globSync('{apps,packages}/*/src/**/*.ts', { cwd: ROOT })
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }))

/**
 * Every way to choose the language of a mail. `mailLanguage` takes that of the recipient's account first. The others are for
 * recipients whose account has none yet, or for mails that no request causes.
 */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  'mailLanguage(': [
    'apps/api/src/features/app-access/answer-mail.ts',
    'apps/api/src/features/organizations/invitation-mail.ts',
    'apps/api/src/features/users/email-verification.ts',
    'apps/oidc/src/flows/account/account-changes.ts',
    'apps/oidc/src/flows/consent/approval-request.ts',
    'apps/oidc/src/flows/email-change/answer-change.ts',
    'apps/oidc/src/flows/email-change/request-change.ts',
    'apps/oidc/src/flows/mailed-link/request-link.ts',
    'apps/oidc/src/flows/recovery/recover.ts',
    'apps/oidc/src/flows/second-factor/mail-factor-event.ts',
  ],
  // Reminders, in the language of the account.
  'await languageOf(': ['apps/oidc/src/flows/factor-reset/advance-resets.ts'],
  // A new account keeps the language of its sign-up.
  'from.language)': ['apps/oidc/src/flows/sign-up/verification.ts'],
  'attempt.language)': ['apps/oidc/src/flows/mailed-link/take-over.ts'],
}

/** Where the translations of a mail are taken, with the language that is chosen. */
const taken = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/\bmailsIn\((?!language: Language)([^\n]*)/g)].map(([, choice = '']) => ({ file, choice })),
)

describe('the language of a mail', () => {
  it('is that of the account of its recipient, wherever one is sent', () => {
    const isListed = ({ choice, file }: (typeof taken)[number]) =>
      Object.entries(CHOICES).some(([start, files]) => files.includes(file) && choice.startsWith(start))
    assert.deepEqual(
      taken.filter((one) => !isListed(one)),
      [],
    )
    assert.deepEqual([...new Set(taken.map(({ file }) => file))].sort(), Object.values(CHOICES).flat().sort())
  })

  it('is never fixed: no mail is composed with the texts of one language', () => {
    for (const { file, text } of sources) {
      assert.doesNotMatch(text, /mailsIn\(\s*(?:'|DEFAULT_LANGUAGE|"|`)/, file)
      if (text.includes('composeMail({')) assert.match(text, /\btranslation\b/, file)
    }
  })
})
