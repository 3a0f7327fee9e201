/** The sentences of the pages that sign out. */
export const SIGN_OUT = {
  'Sign out': 'Abmelden',
  'Sign out?': 'Abmelden?',
  '<strong>{client}</strong> asks to sign you out of {brand} in this browser.':
    '<strong>{client}</strong> möchte Sie in diesem Browser bei {brand} abmelden.',
  'You are about to sign out of {brand} in this browser.':
    'Sie sind dabei, sich in diesem Browser bei {brand} abzumelden.',
  'Sign out of {client} only': 'Nur bei {client} abmelden',
  'Signing out also ends the access that apps got in this browser. The command line and devices that you connected stay signed in.':
    'Damit endet auch der Zugriff, den Apps in diesem Browser erhalten haben. Die Kommandozeile und verbundene Geräte bleiben angemeldet.',
  'Signed out': 'Abgemeldet',
  'Signed out of {client}': 'Bei {client} abgemeldet',
  'You are still signed in to {brand} in this browser. You can close this window.':
    'Sie sind in diesem Browser weiterhin bei {brand} angemeldet. Sie können dieses Fenster schließen.',
  'You are signed out': 'Sie sind abgemeldet',
  'You can close this window, or go back to the app to sign in again.':
    'Sie können dieses Fenster schließen oder zur App zurückgehen, um sich erneut anzumelden.',
  'Switch account': 'Konto wechseln',
  'Switch account?': 'Konto wechseln?',
  'Another account is signed in to this browser. Continuing signs it out and you in.':
    'In diesem Browser ist ein anderes Konto angemeldet. Wenn Sie fortfahren, wird es abgemeldet, und Sie werden angemeldet.',
  'Apps that the other account uses in this browser will have to sign in again.':
    'Apps, die das andere Konto in diesem Browser verwendet, müssen sich neu anmelden.',
} as const
