/** The sentences of the sign-in page. */
export const SIGN_IN = {
  'Sign in': 'Anmelden',
  'Connect {upstream}': '{upstream} verbinden',
  'There is already an account with <strong>{email}</strong>. Sign in to it once, and you can use {upstream} from then on.':
    'Es gibt schon ein Konto mit der Adresse <strong>{email}</strong>. Melden Sie sich dort einmal an, dann können Sie künftig {upstream} verwenden.',
  'Confirm it’s you': 'Bestätigen Sie Ihre Identität',
  'Enter your password again to continue to <strong>{client}</strong>':
    'Geben Sie Ihr Passwort erneut ein, um fortzufahren zu: <strong>{client}</strong>',
  'Continue to <strong>{client}</strong>': 'Weiter zu <strong>{client}</strong>',
  'Email address': 'E-Mail-Adresse',
  Password: 'Passwort',
  'Recover your account': 'Konto wiederherstellen',
  'Sign in and connect': 'Anmelden und verbinden',
  Cancel: 'Abbrechen',
  or: 'oder',
  'Other ways to sign in': 'Andere Wege, sich anzumelden',
  'Continue with {upstream}': 'Weiter mit {upstream}',
  'Sign in with a passkey': 'Mit einem Passkey anmelden',
  'Sign in without connecting {upstream}': 'Anmelden, ohne {upstream} zu verbinden',
  'New to {brand}? <a>Create an account</a>': 'Neu bei {brand}? <a>Konto erstellen</a>',
  'Go back': 'Zurück',
} as const
