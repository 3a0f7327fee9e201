/** The sentences of the pages that mails link to. */
export const MAILED_LINKS = {
  'This link does not work any more': 'Dieser Link funktioniert nicht mehr',
  'It was already used, has expired, or was replaced by a newer mail.':
    'Er wurde schon verwendet, ist abgelaufen oder wurde durch eine neuere E-Mail ersetzt.',
  'Request a new one in the dashboard.': 'Fordern Sie im Dashboard einen neuen an.',
  'Request a new one on the page “Recover your account”.':
    'Fordern Sie auf der Seite „Konto wiederherstellen“ einen neuen an.',
  'Ask the person who invited you to send the invitation again.':
    'Bitten Sie die Person, die Sie eingeladen hat, die Einladung erneut zu senden.',
  'Request the change again on the page of your account.':
    'Fordern Sie die Änderung auf der Seite Ihres Kontos erneut an.',
  'Request a new one on the page “Lost your second factors?”.':
    'Fordern Sie auf der Seite „Zweite Faktoren verloren?“ einen neuen an.',
  'The removal was cancelled, or is done.': 'Das Entfernen wurde abgebrochen oder ist abgeschlossen.',
  'That password does not match an account with this address.':
    'Dieses Passwort gehört zu keinem Konto mit dieser Adresse.',
  'This account cannot be replaced': 'Dieses Konto kann nicht ersetzt werden',
  'It is the only owner of an organization that has other members. Ask the operator of this service for help.':
    'Es ist der einzige Eigentümer einer Organisation, die weitere Mitglieder hat. Bitten Sie den Betreiber dieses Dienstes um Hilfe.',
  'This address has an account now': 'Diese Adresse hat jetzt ein Konto',
  'Someone created an account with it in the meantime. Nothing was changed. Use another address.':
    'In der Zwischenzeit hat jemand ein Konto mit ihr erstellt. Es wurde nichts geändert. Verwenden Sie eine andere Adresse.',
} as const
