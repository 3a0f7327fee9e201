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
  'Sign in and connect': 'Anmelden und verbinden',
  Cancel: 'Abbrechen',
  or: 'oder',
  'Other ways to sign in': 'Andere Wege, sich anzumelden',
  'Continue with {upstream}': 'Weiter mit {upstream}',
  'Continue with your organization': 'Weiter mit Ihrer Organisation',
  'Sign in with a passkey': 'Mit einem Passkey anmelden',
  'Sign in without connecting {upstream}': 'Anmelden, ohne {upstream} zu verbinden',
  'New to {brand}? <a>Create an account</a>': 'Neu bei {brand}? <a>Konto erstellen</a>',
  'Go back': 'Zurück',
  'Create your account': 'Konto erstellen',
  'and continue to <strong>{client}</strong>': 'und weiter zu <strong>{client}</strong>',
  'Your name': 'Ihr Name',
  'At least 12 characters. A few unrelated words work well.':
    'Mindestens 12 Zeichen. Einige Wörter ohne Zusammenhang eignen sich gut.',
  'Create account': 'Konto erstellen',
  'Already have an account? <a>Sign in</a>': 'Haben Sie schon ein Konto? <a>Anmelden</a>',
  'Enter a code': 'Code eingeben',
  'Use your passkey': 'Passkey verwenden',
  'Your password is right. Now use a passkey of your account, to continue to <strong>{client}</strong>':
    'Ihr Passwort ist richtig. Verwenden Sie jetzt einen Passkey Ihres Kontos, um mit <strong>{client}</strong> fortzufahren',
  'They need JavaScript and a current browser. Use a recovery code instead.':
    'Sie benötigen JavaScript und einen aktuellen Browser. Verwenden Sie stattdessen einen Wiederherstellungscode.',
  'Enter one of your recovery codes. Each works once.':
    'Geben Sie einen Ihrer Wiederherstellungscodes ein. Jeder funktioniert einmal.',
  'Enter the code that your authenticator app shows for {brand}, to continue to <strong>{client}</strong>':
    'Geben Sie den Einmalcode ein, den Ihre Authenticator-App für {brand} anzeigt, um fortzufahren zu: <strong>{client}</strong>',
  'Recovery code': 'Wiederherstellungscode',
  Code: 'Code',
  'Trust this browser for 30 days': 'Diesem Browser 30 Tage lang vertrauen',
  'Signing in here then needs only your password. Not on a shared computer.':
    'Zum Anmelden genügt hier dann Ihr Passwort. Nicht an einem gemeinsam genutzten Computer.',
  Continue: 'Weiter',
  'Use a code of your app': 'Code der App verwenden',
  'Use a recovery code': 'Wiederherstellungscode verwenden',
  'No passkey was used. Try again, or sign in with your password.':
    'Es wurde kein Passkey verwendet. Versuchen Sie es erneut, oder melden Sie sich mit Ihrem Passwort an.',
  'No passkey was used. Try again, or enter a code.':
    'Es wurde kein Passkey verwendet. Versuchen Sie es erneut, oder geben Sie einen Code ein.',
  'This browser does not support passkeys here': 'Dieser Browser unterstützt hier keine Passkeys',
  'They need JavaScript and a current browser. Sign in with your password instead.':
    'Sie benötigen JavaScript und einen aktuellen Browser. Melden Sie sich stattdessen mit Ihrem Passwort an.',
  'Use a passkey': 'Passkey verwenden',
  'Sign in with your password': 'Mit Passwort anmelden',
} as const
