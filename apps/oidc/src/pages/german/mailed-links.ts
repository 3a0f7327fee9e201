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
  'One address has confirmed': 'Eine Adresse hat bestätigt',
  'Your address was changed': 'Ihre Adresse wurde geändert',
  'The change was cancelled': 'Die Änderung wurde abgebrochen',
  'The address becomes <strong>{email}</strong> as soon as the link in the other mail is confirmed.':
    'Die Adresse wird zu <strong>{email}</strong>, sobald der Link in der anderen E-Mail bestätigt ist.',
  'You sign in with <strong>{email}</strong> from now on. Sessions, apps and API keys continue to work.':
    'Sie melden sich ab jetzt mit <strong>{email}</strong> an. Sitzungen, Apps und API-Schlüssel funktionieren weiter.',
  'The address stays as it is. If you did not ask for the change, <a>choose a new password</a>: someone else is signed in to your account.':
    'Die Adresse bleibt, wie sie ist. Wenn Sie die Änderung nicht angefordert haben, <a>wählen Sie ein neues Passwort</a>: Jemand anders ist in Ihrem Konto angemeldet.',
  'Confirm your new address': 'Neue Adresse bestätigen',
  'Approve the new address': 'Der neuen Adresse zustimmen',
  'You have confirmed <strong>{email}</strong>. The change is made as soon as the other address confirms it as well.':
    'Sie haben <strong>{email}</strong> bestätigt. Die Adresse wird geändert, sobald auch die andere Adresse bestätigt.',
  '<strong>{email}</strong> becomes the address of a {brand} account, if its current address approves that as well.':
    '<strong>{email}</strong> wird die Adresse eines Kontos bei {brand}, wenn auch dessen aktuelle Adresse zustimmt.',
  'The address of your account becomes <strong>{email}</strong>, if that address confirms it as well. You then sign in with the new address.':
    'Die Adresse Ihres Kontos wird zu <strong>{email}</strong>, wenn auch diese Adresse bestätigt. Sie melden sich dann mit der neuen Adresse an.',
  'Approve the change': 'Der Änderung zustimmen',
  'If you did not ask for this, cancel it, then <a>choose a new password</a>: someone else is signed in to your account.':
    'Wenn Sie das nicht angefordert haben, brechen Sie es ab, und <a>wählen Sie dann ein neues Passwort</a>: Jemand anders ist in Ihrem Konto angemeldet.',
  'If you did not ask for this, close this page. Nothing changes.':
    'Wenn Sie das nicht angefordert haben, schließen Sie diese Seite. Es ändert sich nichts.',
  'If you did not request this, close this page. Nothing changes.':
    'Wenn Sie das nicht angefordert haben, schließen Sie diese Seite. Es ändert sich nichts.',
  'Confirm your address': 'Adresse bestätigen',
  'Enter your password to confirm that this address is yours':
    'Geben Sie Ihr Passwort ein, um zu bestätigen, dass diese Adresse Ihnen gehört',
  Confirm: 'Bestätigen',
  'This password does not sign you in. You need it once, if your account is not connected with {upstream} yet.':
    'Dieses Passwort meldet Sie nicht an. Sie brauchen es einmal, wenn Ihr Konto noch nicht mit {upstream} verbunden ist.',
  'Sign in with it in the dashboard: that creates your account, and you can accept the invitation.':
    'Melden Sie sich damit im Dashboard an: Dabei wird Ihr Konto erstellt, und Sie können die Einladung annehmen.',
  'Someone else created this account, or you do not know its password? <a>Take it over</a>':
    'Hat jemand anders dieses Konto erstellt, oder kennen Sie das Passwort nicht? <a>Konto übernehmen</a>',
  'Someone else created an account with your address, or you do not know its password? <a>Take it over</a>':
    'Hat jemand anders ein Konto mit Ihrer Adresse erstellt, oder kennen Sie das Passwort nicht? <a>Konto übernehmen</a>',
  'Address confirmed': 'Adresse bestätigt',
  '<strong>{email}</strong> is yours. You can close this page, or continue in the dashboard.':
    '<strong>{email}</strong> gehört Ihnen. Sie können diese Seite schließen oder im Dashboard fortfahren.',
  'Open the dashboard': 'Dashboard öffnen',
  'Your account was created': 'Ihr Konto wurde erstellt',
  'Sign in as <strong>{email}</strong>. You can then accept the invitation to <strong>{organization}</strong> in the dashboard.':
    'Melden Sie sich als <strong>{email}</strong> an. Dann können Sie die Einladung zu <strong>{organization}</strong> im Dashboard annehmen.',
  '<strong>{email}</strong> is yours. You can now accept the invitation to <strong>{organization}</strong> in the dashboard.':
    '<strong>{email}</strong> gehört Ihnen. Sie können die Einladung zu <strong>{organization}</strong> jetzt im Dashboard annehmen.',
  '<strong>{inviter}</strong> ({address}) invites you to <strong>{organization}</strong>':
    '<strong>{inviter}</strong> ({address}) lädt Sie zu <strong>{organization}</strong> ein',
  'You have an account with another address? Ask {inviter} to invite that one.':
    'Haben Sie ein Konto mit einer anderen Adresse? Bitten Sie {inviter}, diese einzuladen.',
  'Revoke all API keys?': 'Alle API-Schlüssel widerrufen?',
  'The account of <strong>{email}</strong> has {keys, plural, one {one API key} other {# API keys}}. Every program that uses one stops working at once. This cannot be undone.':
    'Das Konto von <strong>{email}</strong> hat {keys, plural, one {einen API-Schlüssel} other {# API-Schlüssel}}. Jedes Programm, das einen verwendet, funktioniert sofort nicht mehr. Das kann nicht rückgängig gemacht werden.',
  'To keep them, close this page. Single keys can be revoked in the dashboard.':
    'Um sie zu behalten, schließen Sie diese Seite. Einzelne Schlüssel können Sie im Dashboard widerrufen.',
  'API keys revoked': 'API-Schlüssel widerrufen',
  '{keys, plural, one {One API key was} other {# API keys were}} revoked. You can close this page, or create new ones in the dashboard.':
    '{keys, plural, one {Ein API-Schlüssel wurde} other {# API-Schlüssel wurden}} widerrufen. Sie können diese Seite schließen oder im Dashboard neue erstellen.',
  'You will be signed out everywhere, and apps and devices have to sign in again. Passkeys sign in again after you have used them once with the new password. API keys continue to work.':
    'Sie werden überall abgemeldet, und Apps und Geräte müssen sich neu anmelden. Passkeys funktionieren allein erst wieder, wenn Sie sie einmal mit dem neuen Passwort verwendet haben. API-Schlüssel funktionieren weiter.',
  'The new password of <strong>{email}</strong> is valid. You are signed out everywhere.':
    'Das neue Passwort von <strong>{email}</strong> gilt. Sie sind überall abgemeldet.',
  '{keys, plural, one {One API key continues} other {# API keys continue}} to work':
    '{keys, plural, one {Ein API-Schlüssel funktioniert} other {# API-Schlüssel funktionieren}} weiter',
  'If someone else may know one, revoke them with the link that we have just mailed to you.':
    'Wenn jemand anders einen kennen könnte, widerrufen Sie sie mit dem Link, den wir Ihnen gerade gesendet haben.',
  'Check your mail': 'Sehen Sie in Ihr Postfach',
  'If there is an account with the address <strong>{email}</strong>, we have sent a link to it. The link works once, for 30 minutes.':
    'Wenn es ein Konto mit der Adresse <strong>{email}</strong> gibt, haben wir einen Link dorthin gesendet. Er funktioniert einmal, 30 Minuten lang.',
  'No mail? Check the address and your spam folder, then try again in a minute.':
    'Keine E-Mail erhalten? Prüfen Sie die Adresse und Ihren Spam-Ordner, und versuchen Sie es in einer Minute erneut.',
  'Enter the address of your account. We mail you a link to choose a new password.':
    'Geben Sie die Adresse Ihres Kontos ein. Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort wählen.',
  'Send the link': 'Link senden',
  'You know your password? Go back to the app and sign in.':
    'Kennen Sie Ihr Passwort? Gehen Sie zurück zur App, und melden Sie sich an.',
  'Take over the account': 'Konto übernehmen',
  'Someone created an account with <strong>{email}</strong> and never confirmed the address. It is yours, so you may replace that account.':
    'Jemand hat ein Konto mit <strong>{email}</strong> erstellt und die Adresse nie bestätigt. Sie gehört Ihnen, deshalb können Sie dieses Konto ersetzen.',
  'Everything in that account is deleted': 'Alles in diesem Konto wird gelöscht',
  'Its API keys, apps, organizations and sessions end at once. If the account is your own and you know its password, sign in and confirm the address instead.':
    'Seine API-Schlüssel, Apps, Organisationen und Sitzungen enden sofort. Wenn es Ihr eigenes Konto ist und Sie das Passwort kennen, melden Sie sich stattdessen an, und bestätigen Sie die Adresse.',
  'Delete that account and create mine': 'Dieses Konto löschen und meines erstellen',
  'The account is yours': 'Das Konto gehört Ihnen',
  'The earlier account was deleted, and <strong>{email}</strong> now has a new one with a confirmed address. Sign in with your new password.':
    'Das frühere Konto wurde gelöscht, und <strong>{email}</strong> hat jetzt ein neues mit bestätigter Adresse. Melden Sie sich mit Ihrem neuen Passwort an.',
} as const
