import { MAILS } from './german/mails.ts'

/**
 * The German sentences of this package, by the English ones: of mails, and of problems with what a person entered. To add
 * a sentence, write it here or in `german/` in both languages.
 */
export const GERMAN = {
  ...MAILS,
  'Enter your name, in at most 128 characters.': 'Geben Sie Ihren Namen ein, mit höchstens 128 Zeichen.',
  'Your name must not have control, invisible or text direction characters.':
    'Ihr Name darf keine Steuerzeichen, unsichtbaren Zeichen oder Zeichen für die Schreibrichtung enthalten.',
  'Enter an email address, like name@example.com.': 'Geben Sie eine E-Mail-Adresse ein, etwa name@example.com.',
  'There is already an account with this address.': 'Es gibt schon ein Konto mit dieser Adresse.',
  'This password is too long.': 'Dieses Passwort ist zu lang.',
  'Use at least 12 characters.': 'Verwenden Sie mindestens 12 Zeichen.',
  'Do not use your name or email address as the password.':
    'Verwenden Sie nicht Ihren Namen oder Ihre E-Mail-Adresse als Passwort.',
  'This password is too easy to guess. A few unrelated words work well.':
    'Dieses Passwort ist zu leicht zu erraten. Einige Wörter ohne Zusammenhang eignen sich gut.',
  'Confirm the address': 'Adresse bestätigen',
  'Choose a new password': 'Neues Passwort wählen',
  'Revoke all API keys': 'Alle API-Schlüssel widerrufen',
  'Two-step sign-in': 'Zwei-Faktor-Anmeldung',
  'Recover your account': 'Konto wiederherstellen',
  'Open your account': 'Konto öffnen',
  'Cancel the removal': 'Entfernen abbrechen',
} as const

/** A sentence of this package, in English. */
export type AccountSentence = keyof typeof GERMAN
