/** What the pages of a sign-in or a sign-up report. */
export const SIGN_IN_PROBLEMS = {
  'Your organization requires that you sign in with {upstream}.':
    'Ihre Organisation verlangt, dass Sie sich mit {upstream} anmelden.',
  'That email address and password do not match an account.':
    'Diese E-Mail-Adresse und dieses Passwort gehören zu keinem Konto.',
  'Too many attempts. Try again in {minutes, plural, one {# minute} other {# minutes}}.':
    'Zu viele Versuche. Versuchen Sie es in {minutes, plural, one {# Minute} other {# Minuten}} erneut.',
  'Too much time has passed, or the account has changed. Sign in again.':
    'Es ist zu viel Zeit vergangen, oder das Konto hat sich geändert. Melden Sie sich erneut an.',
  'That code is wrong, or was used already. Wait for the next code of your app.':
    'Dieser Code ist falsch oder wurde schon verwendet. Warten Sie auf den nächsten Code Ihrer App.',
  'That recovery code is wrong, or was used already.':
    'Dieser Wiederherstellungscode ist falsch oder wurde schon verwendet.',
  'This passkey was not accepted. Try again, or sign in with your password.':
    'Dieser Passkey wurde nicht angenommen. Versuchen Sie es erneut, oder melden Sie sich mit Ihrem Passwort an.',
  'This passkey was not accepted. Try again, or enter a code.':
    'Dieser Passkey wurde nicht angenommen. Versuchen Sie es erneut, oder geben Sie einen Code ein.',
  '{upstream} did not confirm that you have signed in again. Use your password.':
    '{upstream} hat nicht bestätigt, dass Sie sich erneut angemeldet haben. Verwenden Sie Ihr Passwort.',
  'You did not sign in with {upstream}. Try again, or use your password.':
    'Sie haben sich nicht mit {upstream} angemeldet. Versuchen Sie es erneut, oder verwenden Sie Ihr Passwort.',
  '{upstream} did not sign you in. Try again, or use your password.':
    '{upstream} hat Sie nicht angemeldet. Versuchen Sie es erneut, oder verwenden Sie Ihr Passwort.',
  'The answer of {upstream} could not be verified. Try again, or use your password.':
    'Die Antwort von {upstream} konnte nicht geprüft werden. Versuchen Sie es erneut, oder verwenden Sie Ihr Passwort.',
  '{upstream} does not answer at the moment. Try again later, or use your password.':
    '{upstream} antwortet zurzeit nicht. Versuchen Sie es später erneut, oder verwenden Sie Ihr Passwort.',
  '{upstream} has not verified your email address. Verify it there, or create an account with a password.':
    '{upstream} hat Ihre E-Mail-Adresse nicht bestätigt. Bestätigen Sie sie dort, oder erstellen Sie ein Konto mit einem Passwort.',
  '{upstream} cannot sign in this email address: its organization has not verified the domain.':
    '{upstream} kann diese E-Mail-Adresse nicht anmelden: Die Organisation hat die Domain nicht bestätigt.',
  'No organization has a sign-in of its own for this email address. Use your password.':
    'Für diese E-Mail-Adresse hat keine Organisation eine eigene Anmeldung. Verwenden Sie Ihr Passwort.',
  'Your account is disabled. Contact the people who run this service.':
    'Ihr Konto ist gesperrt. Wenden Sie sich an die Betreiber dieses Dienstes.',
} as const
