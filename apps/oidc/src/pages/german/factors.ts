/** The sentences of the account pages of second factors and passkeys, and of the removal of lost ones. */
export const FACTORS = {
  'Your second factors will be removed on {time}': 'Ihre zweiten Faktoren werden am {time} entfernt',
  'Someone reported them lost, with a link that was mailed to you.':
    'Jemand hat sie mit einem Link aus einer E-Mail an Sie als verloren gemeldet.',
  'Signing in needs your password and a code of your authenticator app.':
    'Zum Anmelden benötigen Sie Ihr Passwort und einen Einmalcode Ihrer Authenticator-App.',
  'Signing in with your password needs one of your passkeys as well.':
    'Zum Anmelden mit Ihrem Passwort benötigen Sie zusätzlich einen Ihrer Passkeys.',
  'Authenticator app': 'Authenticator-App',
  Manage: 'Verwalten',
  On: 'Ein',
  'Since {time}': 'Seit {time}',
  'Recovery codes': 'Wiederherstellungscodes',
  '{codes, plural, =0 {None is left.} one {One is left.} other {# are left.}} They sign you in without your second factor, once each.':
    '{codes, plural, =0 {Keiner ist übrig.} one {Einer ist übrig.} other {# sind übrig.}} Mit jedem melden Sie sich einmal ohne Ihren zweiten Faktor an.',
  'Create new codes': 'Neue Codes erstellen',
  'Trusted browsers': 'Vertrauenswürdige Browser',
  'Signing in there needs only your password. A change of the password ends the trust in all of them.':
    'Zum Anmelden genügt dort Ihr Passwort. Wenn Sie das Passwort ändern, wird keinem davon mehr vertraut.',
  'Until {day}, trusted {time}': 'Bis {day}, vertrauenswürdig seit {time}',
  'End the trust in {browser}, trusted {time}': 'Vertrauen in {browser} beenden, vertrauenswürdig seit {time}',
  'To use another app or device, remove this one and set it up again. API keys need no second step.':
    'Um eine andere App oder ein anderes Gerät zu verwenden, entfernen Sie diese und richten Sie sie neu ein. API-Schlüssel benötigen keinen zweiten Faktor.',
  'With an authenticator app on your phone, your password alone is not enough to sign in.':
    'Mit einer Authenticator-App auf Ihrem Smartphone genügt Ihr Passwort allein nicht mehr zum Anmelden.',
  'Set up an authenticator app': 'Authenticator-App einrichten',
  'Every other session, and the access of apps, devices and the command line, then ends. API keys continue to work.':
    'Alle anderen Sitzungen und der Zugriff von Apps, Geräten und der Kommandozeile enden dann. API-Schlüssel funktionieren weiter.',

  'Scan this code with your app, or open it on this device, and enter the six digits that it shows.':
    'Scannen Sie diesen Code mit Ihrer App, oder öffnen Sie ihn auf diesem Gerät, und geben Sie die sechs Ziffern ein, die sie anzeigt.',
  'QR code for your authenticator app': 'QR-Code für Ihre Authenticator-App',
  'Open in an app on this device': 'In einer App auf diesem Gerät öffnen',
  'Enter the key by hand': 'Schlüssel von Hand eingeben',
  'Turn on two-step sign-in': 'Zwei-Faktor-Anmeldung einschalten',

  'Set up two-step sign-in': 'Zwei-Faktor-Anmeldung einrichten',
  '<strong>{client}</strong> asks for a second factor besides your password.':
    '<strong>{client}</strong> verlangt neben Ihrem Passwort einen zweiten Faktor.',
  'Organizations of yours need a second factor besides your password.':
    'Ihre Organisationen verlangen neben Ihrem Passwort einen zweiten Faktor.',
  'Scan this code with an authenticator app, and enter the six digits that it shows.':
    'Scannen Sie diesen Code mit einer Authenticator-App, und geben Sie die sechs Ziffern ein, die sie anzeigt.',
  'Not now': 'Jetzt nicht',
  'Create a passkey instead': 'Stattdessen einen Passkey erstellen',
  'I have saved them, continue to {client}': 'Ich habe sie gespeichert, weiter zu {client}',

  'Your recovery codes': 'Ihre Wiederherstellungscodes',
  'Two-step sign-in is on. If you lose your second factor, each of these codes signs you in once, with your password.':
    'Die Zwei-Faktor-Anmeldung ist eingeschaltet. Wenn Sie Ihren zweiten Faktor verlieren, können Sie sich mit jedem dieser Codes einmal anmelden, zusammen mit Ihrem Passwort.',
  'They are shown only now': 'Sie werden nur jetzt angezeigt',
  'Print them, or keep them in a password manager. Earlier codes do not work any more.':
    'Drucken Sie sie aus, oder bewahren Sie sie in einem Passwort-Manager auf. Frühere Codes funktionieren nicht mehr.',
  'I have saved them': 'Ich habe sie gespeichert',

  'A passkey signs you in with your fingerprint, face or PIN, in place of the password and the code.':
    'Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder PIN an, statt mit Passwort und Einmalcode.',
  'No passkey was created. Try again.': 'Es wurde kein Passkey erstellt. Versuchen Sie es erneut.',
  'Created in {browser}': 'Erstellt in {browser}',
  'On several devices': 'Auf mehreren Geräten',
  'On one device': 'Auf einem Gerät',
  'On {day}': 'Am {day}',
  'never used': 'nie verwendet',
  'Remove the passkey created in {browser} on {day}': 'Passkey entfernen, der am {day} in {browser} erstellt wurde',
  'They need JavaScript and a current browser.': 'Sie benötigen JavaScript und einen aktuellen Browser.',
  'Add a passkey': 'Passkey hinzufügen',
  'Signing in with your password then needs a passkey, or another second factor, as well.':
    'Zum Anmelden mit Ihrem Passwort benötigen Sie dann zusätzlich einen Passkey oder einen anderen zweiten Faktor.',

  'Lost your second factors?': 'Zweite Faktoren verloren?',
  'If you have neither your authenticator app nor a passkey nor a recovery code, they can be removed after {hours} hours. Enter the address of your account, and we mail you a link.':
    'Wenn Sie weder Ihre Authenticator-App noch einen Passkey noch einen Wiederherstellungscode haben, können diese nach {hours} Stunden entfernt werden. Geben Sie die Adresse Ihres Kontos ein, dann senden wir Ihnen einen Link.',
  'Every address of your account gets a notice, and can cancel it until then.':
    'Jede Adresse Ihres Kontos wird benachrichtigt und kann das Entfernen bis dahin abbrechen.',
  'Cancel the removal of second factors': 'Entfernen der zweiten Faktoren abbrechen',
  'Remove lost second factors': 'Verlorene zweite Faktoren entfernen',
  'Cancel the removal?': 'Entfernen abbrechen?',
  'The second factors of <strong>{email}</strong> will be removed on {time}. If you cancel that, they stay.':
    'Die zweiten Faktoren von <strong>{email}</strong> werden am {time} entfernt. Wenn Sie das abbrechen, bleiben sie bestehen.',
  'Remove your second factors?': 'Zweite Faktoren entfernen?',
  'The authenticator app, the recovery codes and the passkeys of <strong>{email}</strong> will be removed on {time}: the waiting time has started already.':
    'Die Authenticator-App, die Wiederherstellungscodes und die Passkeys von <strong>{email}</strong> werden am {time} entfernt: Die Wartezeit hat schon begonnen.',
  'The authenticator app, the recovery codes and the passkeys of <strong>{email}</strong> will be removed in {hours} hours.':
    'Die Authenticator-App, die Wiederherstellungscodes und die Passkeys von <strong>{email}</strong> werden in {hours} Stunden entfernt.',
  'Until then, every address of your account can cancel it, and so does signing in with one of them. Afterwards you are signed out everywhere, and sign in with your password.':
    'Bis dahin kann jede Adresse Ihres Kontos das Entfernen abbrechen, ebenso eine Anmeldung mit einem dieser Faktoren. Danach sind Sie überall abgemeldet und melden sich mit Ihrem Passwort an.',
  'Start the waiting time': 'Wartezeit beginnen',
  'To change nothing, close this page.': 'Um nichts zu ändern, schließen Sie diese Seite.',
  'The waiting time has started': 'Die Wartezeit hat begonnen',
  'The removal was cancelled': 'Das Entfernen wurde abgebrochen',
  'If there is an account with second factors and the address <strong>{email}</strong>, we have sent a link to it. The link works once, for 30 minutes.':
    'Wenn es ein Konto mit zweiten Faktoren und der Adresse <strong>{email}</strong> gibt, haben wir einen Link dorthin gesendet. Er funktioniert einmal, 30 Minuten lang.',
  'The second factors of <strong>{email}</strong> will be removed on {time}. We have announced that to every address of your account, and remind you before.':
    'Die zweiten Faktoren von <strong>{email}</strong> werden am {time} entfernt. Wir haben das allen Adressen Ihres Kontos angekündigt und erinnern Sie vorher.',
  'The second factors of <strong>{email}</strong> stay as they are. If you did not start the removal, someone else can read your mail: secure your mailbox first, then choose a new password.':
    'Die zweiten Faktoren von <strong>{email}</strong> bleiben bestehen. Wenn Sie das Entfernen nicht begonnen haben, kann jemand anders Ihre E-Mails lesen: Sichern Sie zuerst Ihr Postfach, und wählen Sie dann ein neues Passwort.',
} as const
