/** The sentences of the consent page, and what scopes allow. */
export const CONSENT = {
  'Leave at least one permission, or deny access.':
    'Lassen Sie mindestens eine Berechtigung ausgewählt, oder verweigern Sie den Zugriff.',
  'Choose at least one organization, or deny access.':
    'Wählen Sie mindestens eine Organisation aus, oder verweigern Sie den Zugriff.',
  'Allow access': 'Zugriff erlauben',
  'An app on your device': 'Eine App auf Ihrem Gerät',
  'Made by {brand}': 'Von {brand}',
  '{client} wants to use your account': '{client} möchte Ihr Konto verwenden',
  'You are signed in as <strong>{email}</strong>. <a>Use another account</a>':
    'Sie sind angemeldet als <strong>{email}</strong>. <a>Anderes Konto verwenden</a>',
  'App of {host}, not verified by {brand}': 'App von {host}, nicht von {brand} geprüft',
  'That website chose its name.': 'Diese Website hat den Namen gewählt.',
  'App that registered itself, not verified by {brand}':
    'App, die sich selbst registriert hat, nicht von {brand} geprüft',
  'It chose its own name.': 'Sie hat ihren Namen selbst gewählt.',
  'Third-party app, not verified by {brand}': 'App eines Drittanbieters, nicht von {brand} geprüft',
  'Any program on your device can pose as it.': 'Jedes Programm auf Ihrem Gerät kann sich als diese App ausgeben.',
  'Allow it only if you trust {host} and started this yourself.':
    'Erlauben Sie den Zugriff nur, wenn Sie {host} vertrauen und dies selbst begonnen haben.',
  'Allow it only if you trust the app on your device and started this yourself, on a device in front of you.':
    'Erlauben Sie den Zugriff nur, wenn Sie der App auf Ihrem Gerät vertrauen und dies selbst begonnen haben, auf einem Gerät, das Sie vor sich haben.',
  'Allow it only if you trust the app on your device and started this yourself.':
    'Erlauben Sie den Zugriff nur, wenn Sie der App auf Ihrem Gerät vertrauen und dies selbst begonnen haben.',
  'Is the device yours?': 'Ist das Ihr Gerät?',
  'Allow access only if you started this yourself, on a device in front of you. Deny access if someone asked you to allow it.':
    'Erlauben Sie den Zugriff nur, wenn Sie dies selbst begonnen haben, auf einem Gerät, das Sie vor sich haben. Verweigern Sie ihn, wenn jemand Sie darum gebeten hat.',
  'Did you start this yourself?': 'Haben Sie dies selbst begonnen?',
  'Allow access only if you just signed in from an app on your own device.':
    'Erlauben Sie den Zugriff nur, wenn Sie sich gerade in einer App auf Ihrem eigenen Gerät anmelden.',
  'At {resource} it will be able to': 'Bei {resource} kann die App dann',
  'Use it in your name': 'Die API in Ihrem Namen verwenden',
  '{resource} ({host}) is an API of the organization {organization}, which described what the app may do there. The app gets no access to your own organizations.':
    '{resource} ({host}) ist eine API der Organisation {organization}, von der die Beschreibung der Rechte stammt. Die App erhält keinen Zugriff auf Ihre eigenen Organisationen.',
  '{resource} ({host}) is an API of a single person, who described what the app may do there. The app gets no access to your own organizations.':
    '{resource} ({host}) ist eine API einer Einzelperson, von der die Beschreibung der Rechte stammt. Die App erhält keinen Zugriff auf Ihre eigenen Organisationen.',
  '{client} will be able to': '{client} kann dann',
  'It has access already, and asks for more: what is new is marked.':
    'Die App hat schon Zugriff und möchte mehr: Neues ist markiert.',
  'It has this access already.': 'Die App hat diesen Zugriff schon.',
  New: 'Neu',
  'Leave out what you do not want it to do.': 'Wählen Sie ab, was die App nicht tun soll.',
  Personal: 'Persönlich',
  'In these organizations': 'In diesen Organisationen',
  'Find an organization by its name': 'Organisation nach ihrem Namen suchen',
  Find: 'Suchen',
  'No other organization has “{find}” in its name.': 'Keine andere Organisation hat „{find}“ im Namen.',
  'Needs a second factor': 'Verlangt einen zweiten Faktor',
  'Blocks this app': 'Sperrt diese App',
  'Has not approved this app': 'Hat diese App nicht zugelassen',
  'Approval requested': 'Zulassung angefragt',
  'An organization decides which apps its members may use. Its owners can approve this one.':
    'Eine Organisation entscheidet, welche Apps ihre Mitglieder verwenden dürfen. Ihre Inhaber können diese App zulassen.',
  'Request approval of {organization}': 'Zulassung bei {organization} anfragen',
  'You have requested approval. You get a mail with the answer.':
    'Sie haben die Zulassung angefragt. Sie erhalten eine E-Mail mit der Antwort.',
  'You have requested many apps. Wait until your organization has answered, or ask an owner directly.':
    'Sie haben viele Apps angefragt. Warten Sie auf die Antwort Ihrer Organisation, oder fragen Sie einen Inhaber direkt.',
  'Has access': 'Hat Zugriff',
  'Only you': 'Nur Sie',
  'It can never do more there than you can yourself.': 'Die App kann dort nie mehr als Sie selbst.',
  'Some organizations need a second factor, and you signed in without one. <a>Set one up</a>':
    'Einige Organisationen verlangen einen zweiten Faktor, und Sie haben sich ohne einen angemeldet. <a>Einen einrichten</a>',
  'Some organizations need a second factor, and you signed in without one. <a>Set one up</a>, then reload this page.':
    'Einige Organisationen verlangen einen zweiten Faktor, und Sie haben sich ohne einen angemeldet. <a>Richten Sie einen ein</a>, und laden Sie diese Seite dann neu.',
  Deny: 'Verweigern',
  'You will be sent to <strong>{host}</strong>.': 'Sie werden zu <strong>{host}</strong> weitergeleitet.',
  'The app on your device continues automatically.': 'Die App auf Ihrem Gerät wird automatisch fortgesetzt.',
  'You will be sent back to the app on your device.': 'Sie kehren zur App auf Ihrem Gerät zurück.',
  'Signing out of {brand} in this browser does not end this access. To end it, remove the app from your authorized apps.':
    'Dieser Zugriff endet nicht, wenn Sie sich in diesem Browser bei {brand} abmelden. Um ihn zu beenden, entfernen Sie die App aus Ihren Apps mit Zugriff.',
  'Signing out of {brand} in this browser ends this access.':
    'Dieser Zugriff endet, wenn Sie sich in diesem Browser bei {brand} abmelden.',
  'Do everything that you can do, in all of your organizations':
    'Alles tun, was Sie tun können, in allen Ihren Organisationen',
  'List and view sandboxes': 'Sandboxes auflisten und ansehen',
  'Create, update, and delete sandboxes': 'Sandboxes erstellen, ändern und löschen',
  'List and view snapshots': 'Snapshots auflisten und ansehen',
  'Create and delete snapshots': 'Snapshots erstellen und löschen',
  'List and view volumes': 'Volumes auflisten und ansehen',
  'Create and delete volumes': 'Volumes erstellen und löschen',
  'View registry configurations': 'Registry-Konfigurationen ansehen',
  'Manage registry configurations': 'Registry-Konfigurationen verwalten',
  'Full organization administration': 'Die Organisation uneingeschränkt verwalten',
  'Know who you are': 'Wissen, wer Sie sind',
  'See your name, and the language and time zone you chose':
    'Ihren Namen sehen sowie die Sprache und Zeitzone, die Sie gewählt haben',
  'See your email address': 'Ihre E-Mail-Adresse sehen',
  'Keep this access while you are not using it': 'Diesen Zugriff behalten, während Sie die App nicht verwenden',
} as const
