/** The sentences of mails. Labels of links are in `german.ts`, as far as pages have them too. */
export const MAILS = {
  '{brand}': '{brand}',
  'If the button does not work, open this address: {address}':
    'Wenn die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse: {address}',
  'The link works once, until {time}.': 'Der Link funktioniert einmal, bis {time}.',
  'If you did not ask for this, ignore this mail. Nothing happens.':
    'Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail. Es geschieht nichts.',
  'If you did not ask for this, ignore this mail.':
    'Wenn Sie das nicht angefordert haben, ignorieren Sie diese E-Mail.',

  'Confirm your address for {brand}': 'Bestätigen Sie Ihre Adresse für {brand}',
  'To confirm that {to} is your address on {brand}, open this page:':
    'Um zu bestätigen, dass {to} Ihre Adresse bei {brand} ist, öffnen Sie diese Seite:',
  'If you did not ask for this mail, ignore it. Nothing happens. If someone else created an account with your address, the page lets you take it over.':
    'Wenn Sie diese E-Mail nicht angefordert haben, ignorieren Sie sie. Es geschieht nichts. Wenn jemand anders ein Konto mit Ihrer Adresse erstellt hat, können Sie es auf der Seite übernehmen.',

  'Choose a new password for {brand}': 'Wählen Sie ein neues Passwort für {brand}',
  'Someone asked for a new password for the account of {to} on {brand}. To choose one, open this page:':
    'Jemand hat ein neues Passwort für das Konto von {to} bei {brand} angefordert. Um eines zu wählen, öffnen Sie diese Seite:',
  'If you did not ask for this mail, ignore it. Your password stays as it is.':
    'Wenn Sie diese E-Mail nicht angefordert haben, ignorieren Sie sie. Ihr Passwort bleibt, wie es ist.',
  'Your {brand} password was changed': 'Ihr Passwort bei {brand} wurde geändert',
  'A new password was chosen for the account of {to} on {brand}, with a link that was mailed to this address. You are signed out everywhere, and all apps and devices have to sign in again. Passkeys sign in again after you have used them once with the new password.':
    'Für das Konto von {to} bei {brand} wurde ein neues Passwort gewählt, mit einem Link, der an diese Adresse gesendet wurde. Sie sind überall abgemeldet, und alle Apps und Geräte müssen sich neu anmelden. Passkeys funktionieren allein erst wieder, wenn Sie sie einmal mit dem neuen Passwort verwendet haben.',
  'The account has no API keys.': 'Das Konto hat keine API-Schlüssel.',
  'API keys continue to work: the account has {keys}. If someone else may know one, revoke them:':
    'API-Schlüssel funktionieren weiter: Das Konto hat {keys}. Wenn jemand anders einen kennen könnte, widerrufen Sie sie:',
  'API keys continue to work: the account has {keys}. If someone else may know one, revoke them in the dashboard.':
    'API-Schlüssel funktionieren weiter: Das Konto hat {keys}. Wenn jemand anders einen kennen könnte, widerrufen Sie sie im Dashboard.',
  'If you did not choose a new password, someone else can read your mail: secure your mailbox first, then choose a new password again.':
    'Wenn Sie kein neues Passwort gewählt haben, kann jemand anders Ihre E-Mails lesen: Sichern Sie zuerst Ihr Postfach, und wählen Sie dann erneut ein Passwort.',
  'Your new {brand} account': 'Ihr neues Konto bei {brand}',
  'You have created an account on {brand} with the address {to}. An earlier account with this address, which was never confirmed, was deleted with its API keys, apps and organizations.':
    'Sie haben bei {brand} ein Konto mit der Adresse {to} erstellt. Ein früheres Konto mit dieser Adresse, die nie bestätigt wurde, wurde mit seinen API-Schlüsseln, Apps und Organisationen gelöscht.',
  'If you did not do this, someone else can read your mail: secure your mailbox first, then choose a new password.':
    'Wenn Sie das nicht waren, kann jemand anders Ihre E-Mails lesen: Sichern Sie zuerst Ihr Postfach, und wählen Sie dann ein neues Passwort.',
  'The password of the account of {to} on {brand} was changed on {time}. Every other session, app and device has to sign in again. API keys continue to work.':
    'Das Passwort des Kontos von {to} bei {brand} wurde am {time} geändert. Alle anderen Sitzungen, Apps und Geräte müssen sich neu anmelden. API-Schlüssel funktionieren weiter.',
  'If you did not do this, someone else knows your password. Choose a new one now:':
    'Wenn Sie das nicht waren, kennt jemand anders Ihr Passwort. Wählen Sie jetzt ein neues:',

  'Approve the new address of your {brand} account': 'Stimmen Sie der neuen Adresse Ihres Kontos bei {brand} zu',
  'Someone who is signed in to the account of {current} on {brand} asked to change its address to {next}. To approve or to cancel that, open this page:':
    'Jemand, der im Konto von {current} bei {brand} angemeldet ist, möchte dessen Adresse in {next} ändern. Um zuzustimmen oder abzubrechen, öffnen Sie diese Seite:',
  'Approve or cancel': 'Zustimmen oder abbrechen',
  'The link works once, until {time}. The new address has to confirm as well.':
    'Der Link funktioniert einmal, bis {time}. Auch die neue Adresse muss bestätigen.',
  'If you did not ask for this, cancel it with the link, then choose a new password: someone else is signed in to your account.':
    'Wenn Sie das nicht angefordert haben, brechen Sie es mit dem Link ab, und wählen Sie dann ein neues Passwort: Jemand anders ist in Ihrem Konto angemeldet.',
  'Confirm your new address for {brand}': 'Bestätigen Sie Ihre neue Adresse für {brand}',
  'Someone asked to use {next} as the address of an account on {brand}. To confirm that, open this page:':
    'Jemand möchte {next} als Adresse eines Kontos bei {brand} verwenden. Um das zu bestätigen, öffnen Sie diese Seite:',
  'Your address has a {brand} account': 'Ihre Adresse hat schon ein Konto bei {brand}',
  'Someone asked to use {next} as the address of another account on {brand}. That is not possible, because {next} has an account already. Nothing was changed.':
    'Jemand möchte {next} als Adresse eines anderen Kontos bei {brand} verwenden. Das ist nicht möglich, weil {next} schon ein Konto hat. Es wurde nichts geändert.',
  'If that was you, sign in to the account of this address, and delete it or give it another address first. If you do not know its password, choose a new one:':
    'Wenn Sie das waren, melden Sie sich im Konto dieser Adresse an, und löschen Sie es zuerst, oder geben Sie ihm eine andere Adresse. Wenn Sie das Passwort nicht kennen, wählen Sie ein neues:',
  'Recover the account': 'Konto wiederherstellen',
  'The address of your {brand} account was changed': 'Die Adresse Ihres Kontos bei {brand} wurde geändert',
  'The address of the account of {current} on {brand} was changed to {next} on {time}. You sign in with {next} now.':
    'Die Adresse des Kontos von {current} bei {brand} wurde am {time} in {next} geändert. Sie melden sich jetzt mit {next} an.',
  'If you did not do this, someone else can read your mail. Secure your mailbox first, then ask the operator of this service for help.':
    'Wenn Sie das nicht waren, kann jemand anders Ihre E-Mails lesen. Sichern Sie zuerst Ihr Postfach, und bitten Sie dann den Betreiber dieses Dienstes um Hilfe.',

  'This concerns the account of {to} on {brand}, on {time}.': 'Das betrifft das Konto von {to} bei {brand}, am {time}.',
  'If you did not do this, someone else knows your password. Choose a new one:':
    'Wenn Sie das nicht waren, kennt jemand anders Ihr Passwort. Wählen Sie ein neues:',
  'Two-step sign-in is on for your {brand} account': 'Zwei-Faktor-Anmeldung für Ihr Konto bei {brand} eingeschaltet',
  'Signing in now needs a code of an authenticator app besides your password. Every other session, app and device has to sign in again. Keep the recovery codes in a safe place.':
    'Zum Anmelden benötigen Sie jetzt neben Ihrem Passwort einen Einmalcode einer Authenticator-App. Alle anderen Sitzungen, Apps und Geräte müssen sich neu anmelden. Bewahren Sie die Wiederherstellungscodes sicher auf.',
  'The authenticator app was removed from your {brand} account':
    'Authenticator-App aus Ihrem Konto bei {brand} entfernt',
  'New recovery codes for your {brand} account': 'Neue Wiederherstellungscodes für Ihr Konto bei {brand}',
  'New recovery codes were created. The earlier ones do not work any more.':
    'Es wurden neue Wiederherstellungscodes erstellt. Die früheren funktionieren nicht mehr.',
  'The authenticator app was removed. If you have no passkey, the recovery codes were removed too, and signing in needs only your password now. Every other session, app and device has to sign in again.':
    'Die Authenticator-App wurde entfernt. Wenn Sie keinen Passkey haben, wurden auch die Wiederherstellungscodes entfernt, und zum Anmelden genügt jetzt Ihr Passwort. Alle anderen Sitzungen, Apps und Geräte müssen sich neu anmelden.',
  'It does not sign in any more. Every other session, app and device has to sign in again.':
    'Mit ihm ist keine Anmeldung mehr möglich. Alle anderen Sitzungen, Apps und Geräte müssen sich neu anmelden.',
  'A passkey was added to your {brand} account': 'Passkey zu Ihrem Konto bei {brand} hinzugefügt',
  'It signs in without your password. Signing in with the password needs it, or another second factor. If it is your first second factor, every other session, app and device has to sign in again.':
    'Mit ihm ist eine Anmeldung ohne Passwort möglich. Für eine Anmeldung mit dem Passwort ist er oder ein anderer zweiter Faktor nötig. Wenn er Ihr erster zweiter Faktor ist, müssen sich alle anderen Sitzungen, Apps und Geräte neu anmelden.',
  'A passkey was removed from your {brand} account': 'Passkey aus Ihrem Konto bei {brand} entfernt',
  'A browser was trusted by your {brand} account': 'Browser von Ihrem Konto bei {brand} als vertrauenswürdig markiert',
  'For 30 days, signing in there needs only your password. You can end that on the page below.':
    '30 Tage lang genügt dort Ihr Passwort zum Anmelden. Sie können das auf der folgenden Seite beenden.',
  'A recovery code was used to sign in to your {brand} account':
    'Anmeldung bei Ihrem Konto bei {brand} mit einem Wiederherstellungscode',
  'Someone signed in with your password and a recovery code. {remaining, plural, =0 {No recovery code is left: create new ones on the page below.} one {One recovery code is left.} other {# recovery codes are left.}}':
    'Jemand hat sich mit Ihrem Passwort und einem Wiederherstellungscode angemeldet. {remaining, plural, =0 {Es ist kein Wiederherstellungscode übrig: Erstellen Sie auf der folgenden Seite neue.} one {Ein Wiederherstellungscode ist übrig.} other {# Wiederherstellungscodes sind übrig.}}',

  'If you did not ask for this, someone else can read your mail: secure your mailbox first, then choose a new password.':
    'Wenn Sie das nicht angefordert haben, kann jemand anders Ihre E-Mails lesen: Sichern Sie zuerst Ihr Postfach, und wählen Sie dann ein neues Passwort.',
  'Remove lost second factors from your {brand} account':
    'Verlorene zweite Faktoren Ihres Kontos bei {brand} entfernen',
  'Someone asked to remove the authenticator app, the recovery codes and the passkeys of the account of {to} on {brand}, because they are lost. To start the waiting time, open this page:':
    'Jemand möchte die Authenticator-App, die Wiederherstellungscodes und die Passkeys des Kontos von {to} bei {brand} entfernen lassen, weil sie verloren sind. Um die Wartezeit zu beginnen, öffnen Sie diese Seite:',
  'Remove the second factors': 'Zweite Faktoren entfernen',
  'If you did not ask for this mail, ignore it. Nothing changes.':
    'Wenn Sie diese E-Mail nicht angefordert haben, ignorieren Sie sie. Es ändert sich nichts.',
  'Second factors of your {brand} account will be removed': 'Zweite Faktoren Ihres Kontos bei {brand} werden entfernt',
  'Reminder: second factors of your {brand} account will be removed':
    'Erinnerung: Zweite Faktoren Ihres Kontos bei {brand} werden entfernt',
  'The authenticator app, the recovery codes and the passkeys of the account of {email} on {brand} will be removed on {time}. Signing in then needs only the password.':
    'Die Authenticator-App, die Wiederherstellungscodes und die Passkeys des Kontos von {email} bei {brand} werden am {time} entfernt. Zum Anmelden genügt dann das Passwort.',
  'If you did not ask for this, or have found your device, cancel it:':
    'Wenn Sie das nicht angefordert oder Ihr Gerät wiedergefunden haben, brechen Sie es ab:',
  'Signing in with a second factor cancels it, too.': 'Auch eine Anmeldung mit einem zweiten Faktor bricht es ab.',
  'Second factors of your {brand} account were removed': 'Zweite Faktoren Ihres Kontos bei {brand} wurden entfernt',
  'The waiting time is over: the authenticator app, the recovery codes and the passkeys of the account of {email} on {brand} were removed on {time}. You are signed out everywhere. Sign in with your password, and set up a second factor again.':
    'Die Wartezeit ist abgelaufen: Die Authenticator-App, die Wiederherstellungscodes und die Passkeys des Kontos von {email} bei {brand} wurden am {time} entfernt. Sie sind überall abgemeldet. Melden Sie sich mit Ihrem Passwort an, und richten Sie wieder einen zweiten Faktor ein.',

  'Invitation to {organization} on {brand}': 'Einladung zu {organization} bei {brand}',
  '{inviter} ({address}) invites you to the organization {organization} on {brand}.':
    '{inviter} ({address}) lädt Sie zur Organisation {organization} bei {brand} ein.',
  'Open this page to confirm your address, and then accept the invitation in the dashboard:':
    'Öffnen Sie diese Seite, um Ihre Adresse zu bestätigen, und nehmen Sie die Einladung dann im Dashboard an:',
  'The invitation is for {to} and ends on {time}.': 'Die Einladung gilt für {to} und endet am {time}.',
  '{member} requests the app {app} on {brand}': '{member} fragt die App {app} bei {brand} an',
  '{member} wants to use the app {app} in the organization {organization}, which does not allow it yet.':
    '{member} möchte die App {app} in der Organisation {organization} verwenden, die sie noch nicht zulässt.',
  'Only approve it if you trust the makers of the app: members can then give it access to the organization, within their own permissions.':
    'Lassen Sie die App nur zu, wenn Sie ihren Herstellern vertrauen: Mitglieder können ihr dann im Rahmen ihrer eigenen Rechte Zugriff auf die Organisation geben.',
  'Approve or decline the app': 'App zulassen oder ablehnen',
  '{organization} approved the app {app}': '{organization} hat die App {app} zugelassen',
  '{organization} did not approve the app {app}': '{organization} hat die App {app} nicht zugelassen',
  '{organization} approved the app {app}, as you requested.':
    '{organization} hat die App {app} zugelassen, wie Sie es angefragt haben.',
  'Sign in to the app again and choose the organization. If you had chosen it before, the app has its access again.':
    'Melden Sie sich in der App wieder an und wählen Sie die Organisation. Wenn Sie sie schon gewählt hatten, hat die App wieder Zugriff.',
  '{organization} did not approve the app {app}, which you had requested.':
    '{organization} hat die App {app} nicht zugelassen, die Sie angefragt hatten.',
  'The app has no access to this organization. Ask its owners if you need to know why.':
    'Die App hat keinen Zugriff auf diese Organisation. Fragen Sie deren Inhaber, wenn Sie den Grund wissen möchten.',
  'If you do not know the sender, ignore this mail. Nothing happens.':
    'Wenn Sie den Absender nicht kennen, ignorieren Sie diese E-Mail. Es geschieht nichts.',
} as const
