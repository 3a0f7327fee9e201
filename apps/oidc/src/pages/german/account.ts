/** The sentences of the account pages. */
export const ACCOUNT = {
  Account: 'Konto',
  Profile: 'Profil',
  'Two-step': 'Zwei-Faktor',
  Passkeys: 'Passkeys',
  Linked: 'Verknüpft',
  Sessions: 'Sitzungen',
  Apps: 'Apps',
  History: 'Verlauf',
  Delete: 'Löschen',
  'Signed in as <strong>{email}</strong>. <a>Sign out</a>': 'Angemeldet als <strong>{email}</strong>. <a>Abmelden</a>',
  'Your profile': 'Ihr Profil',
  Save: 'Speichern',
  'Language and time zone': 'Sprache und Zeitzone',
  'Apps that may see your name get what you choose here, and mails to you are in this language. These pages stay in the language of your browser or app.':
    'Apps, die Ihren Namen sehen dürfen, erhalten, was Sie hier wählen, und E-Mails an Sie sind in dieser Sprache. Diese Seiten bleiben in der Sprache Ihres Browsers oder der App.',
  Language: 'Sprache',
  'That of the browser': 'Die des Browsers',
  'Time zone': 'Zeitzone',
  'Not set': 'Nicht festgelegt',
  'Save language and time zone': 'Sprache und Zeitzone speichern',
  Address: 'Adresse',
  confirmed: 'bestätigt',
  'not confirmed': 'nicht bestätigt',
  'not confirmed yet': 'noch nicht bestätigt',
  'Change the address': 'Adresse ändern',
  Created: 'Erstellt',
  Remove: 'Entfernen',
  End: 'Beenden',

  'Apps with access': 'Apps mit Zugriff',
  'Apps, devices and the command line that may act for you.':
    'Apps, Geräte und die Kommandozeile, die in Ihrem Namen handeln dürfen.',
  'No app has access.': 'Keine App hat Zugriff.',
  'Third-party app': 'App eines Drittanbieters',
  'allowed on {day}': 'erlaubt am {day}',
  'last used {time}': 'zuletzt verwendet am {time}',
  'not in use': 'nicht in Gebrauch',
  'In all of your organizations': 'In allen Ihren Organisationen',
  'In {organizations}': 'In {organizations}',
  'In no organization': 'In keiner Organisation',
  'Remove the access of {app}': 'Zugriff von {app} entfernen',

  'Your sessions': 'Ihre Sitzungen',
  'The browsers in which you are signed in. The command line and devices are among your apps.':
    'Die Browser, in denen Sie angemeldet sind. Die Kommandozeile und Geräte finden Sie unter Ihren Apps.',
  'This browser': 'Dieser Browser',
  'last seen {time}': 'zuletzt aktiv am {time}',
  'Apps: {apps}': 'Apps: {apps}',
  'End the session of {browser}, last seen {time}': 'Sitzung in {browser} beenden, zuletzt aktiv am {time}',
  'End all other sessions': 'Alle anderen Sitzungen beenden',

  'Linked sign-ins': 'Verknüpfte Anmeldungen',
  'Your accounts at other providers that sign you in here.':
    'Ihre Konten bei anderen Anbietern, mit denen Sie sich hier anmelden.',
  'None is linked.': 'Keines ist verknüpft.',
  'To link one, choose it the next time you sign in.':
    'Um eines zu verknüpfen, wählen Sie es bei der nächsten Anmeldung.',
  'Not offered any more': 'Nicht mehr angeboten',
  'You are not a member of this organization: its quota of members may be reached. Ask its owners, then sign in with it again.':
    'Sie sind kein Mitglied dieser Organisation: Vielleicht ist die Höchstzahl ihrer Mitglieder erreicht. Fragen Sie ihre Eigentümer, und melden Sie sich dann noch einmal damit an.',
  'Linked on {day}': 'Verknüpft am {day}',
  'last used on {day}': 'zuletzt verwendet am {day}',
  'Remove the sign-in with {upstream}': 'Anmeldung über {upstream} entfernen',
  'Your account has no password. <a>Choose one by mail</a> to sign in without another provider.':
    'Ihr Konto hat kein Passwort. <a>Wählen Sie eines per E-Mail</a>, um sich ohne einen anderen Anbieter anzumelden.',

  'Security history': 'Sicherheitsverlauf',
  'Sign-ins and changes of your account, the latest first. If you do not recognize one, <a>change your password</a>.':
    'Anmeldungen und Änderungen Ihres Kontos, die neuesten zuerst. Wenn Ihnen etwas unbekannt ist, <a>ändern Sie Ihr Passwort</a>.',
  'There are no events.': 'Es gibt keine Ereignisse.',
  'from {address}': 'von {address}',
  'Older events': 'Ältere Ereignisse',

  'Delete your account': 'Konto löschen',
  'Delete account': 'Konto löschen',
  'Account deleted': 'Konto gelöscht',
  'The account of <strong>{email}</strong> and everything in it were deleted. You can close this page.':
    'Das Konto von <strong>{email}</strong> wurde mit allem gelöscht, was dazu gehörte. Sie können diese Seite schließen.',
  'Your account cannot be deleted yet': 'Ihr Konto kann noch nicht gelöscht werden',
  'You are the only owner of {organizations}, which has other members. Make one of them an owner first.':
    'Sie sind der einzige Eigentümer von {organizations}, mit weiteren Mitgliedern. Machen Sie zuerst eines davon zum Eigentümer.',
  'This cannot be undone': 'Das kann nicht rückgängig gemacht werden',
  'Your account, your personal organization and everything in it are deleted at once.':
    'Ihr Konto und Ihre persönliche Organisation werden sofort gelöscht, mit allem, was dazu gehört.',
  'What ends': 'Was endet',
  '{keys, plural, one {One active API key} other {# active API keys}}':
    '{keys, plural, one {Ein aktiver API-Schlüssel} other {# aktive API-Schlüssel}}',
  'Every session, and the access of every app and device': 'Jede Sitzung und der Zugriff jeder App und jedes Geräts',
  'The organization {organization}, of which you are the only member':
    'Die Organisation {organization}, deren einziges Mitglied Sie sind',
  'Your membership of {organization}': 'Ihre Mitgliedschaft in {organization}',
  'Enter {email} to confirm': 'Geben Sie zur Bestätigung {email} ein',

  'Change your address': 'Adresse ändern',
  'This service sends no mail. Ask its operator for help.':
    'Dieser Dienst versendet keine E-Mails. Bitten Sie den Betreiber um Hilfe.',
  'We mail a link to {email} and one to the new address. Both have to confirm the change within 30 minutes.':
    'Wir senden einen Link an {email} und einen an die neue Adresse. Beide müssen die Änderung innerhalb von 30 Minuten bestätigen.',
  'We mail a link to the new address, which confirms the change within 30 minutes. {email} was never confirmed, so it does not have to approve.':
    'Wir senden einen Link an die neue Adresse, der die Änderung innerhalb von 30 Minuten bestätigt. {email} wurde nie bestätigt und muss deshalb nicht zustimmen.',
  'Waiting for confirmation': 'Warten auf Bestätigung',
  'New address': 'Neue Adresse',
  'Link to the new address': 'Link an die neue Adresse',
  'Link to the current address': 'Link an die aktuelle Adresse',
  'Cancel the change': 'Änderung abbrechen',
  'New email address': 'Neue E-Mail-Adresse',
  'Send the links': 'Links senden',

  'Change your password': 'Passwort ändern',
  'Change password': 'Passwort ändern',
  'Current password': 'Aktuelles Passwort',
  'New password': 'Neues Passwort',
  'Every other session, and the access of apps, devices and the command line, ends. API keys continue to work.':
    'Alle anderen Sitzungen und der Zugriff von Apps, Geräten und der Kommandozeile enden. API-Schlüssel funktionieren weiter.',
} as const
