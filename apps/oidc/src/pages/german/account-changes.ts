/** What the account pages report after a form: what it did, or why it was refused. */
export const ACCOUNT_CHANGES = {
  'Your name was changed.': 'Ihr Name wurde geändert.',
  'Your language and time zone were saved.': 'Ihre Sprache und Zeitzone wurden gespeichert.',
  'Choose a language from the list.': 'Wählen Sie eine Sprache aus der Liste.',
  'Choose a time zone from the list.': 'Wählen Sie eine Zeitzone aus der Liste.',
  'Your password was changed. Every other session, app and device has to sign in again.':
    'Ihr Passwort wurde geändert. Jede andere Sitzung, App und jedes andere Gerät muss sich neu anmelden.',
  'The session was ended, with the access that apps got in it.':
    'Die Sitzung wurde beendet, mit dem Zugriff, den Apps darin erhalten haben.',
  'Every other session was ended, with the access that apps got in them.':
    'Alle anderen Sitzungen wurden beendet, mit dem Zugriff, den Apps darin erhalten haben.',
  'The app has no access any more.': 'Die App hat keinen Zugriff mehr.',
  'This is not your current password.': 'Das ist nicht Ihr aktuelles Passwort.',
  'Choose the button “Delete account”.': 'Wählen Sie die Schaltfläche „Konto löschen“.',
  'Enter the address of this account to confirm.': 'Geben Sie zur Bestätigung die Adresse dieses Kontos ein.',
  'Enter an email address, such as name@example.com.': 'Geben Sie eine E-Mail-Adresse ein, etwa name@example.com.',
  'This is the address of your account.': 'Das ist die Adresse Ihres Kontos.',
  'This service sends no mail.': 'Dieser Dienst versendet keine E-Mails.',
  'You have requested this a moment ago, or five times today. Try again later.':
    'Sie haben das gerade eben oder heute schon fünfmal angefordert. Versuchen Sie es später erneut.',
  'We have sent mails with a link. The change is made when the links of both addresses were confirmed.':
    'Wir haben E-Mails mit einem Link gesendet. Die Adresse wird geändert, wenn die Links beider Adressen bestätigt sind.',
  'The change was cancelled.': 'Die Änderung wurde abgebrochen.',
  'The trust in that browser has ended.': 'Diesem Browser wird nicht mehr vertraut.',
  'The authenticator app was removed. Every other session and app has to sign in again.':
    'Die Zwei-Faktor-Anmeldung ist ausgeschaltet. Jede andere Sitzung und App muss sich neu anmelden.',
  'That code is wrong. Enter the code that your app shows now, and check the clock of your device.':
    'Dieser Code ist falsch. Geben Sie den Code ein, den Ihre App jetzt anzeigt, und prüfen Sie die Uhr Ihres Geräts.',
  'The passkey was added. It signs in without your password.':
    'Der Passkey wurde hinzugefügt. Mit ihm melden Sie sich ohne Passwort an.',
  'The passkey was removed. Every other session and app has to sign in again.':
    'Der Passkey wurde entfernt. Jede andere Sitzung und App muss sich neu anmelden.',
  'The passkey was not added. You may have it already, or have ten: try again, or remove one.':
    'Der Passkey wurde nicht hinzugefügt. Vielleicht haben Sie ihn schon, oder Sie haben zehn: Versuchen Sie es erneut, oder entfernen Sie einen.',
  'The removal was cancelled. Your second factors stay.':
    'Das Entfernen wurde abgebrochen. Ihre zweiten Faktoren bleiben bestehen.',
  'You cannot sign in with it any more.': 'Sie können sich damit nicht mehr anmelden.',
  'This is your only way to sign in. Choose a password first.':
    'Das ist Ihre einzige Möglichkeit, sich anzumelden. Wählen Sie zuerst ein Passwort.',
} as const
