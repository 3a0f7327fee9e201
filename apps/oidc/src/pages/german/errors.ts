/** The sentences of error pages. */
export const ERRORS = {
  'This sign-in has expired': 'Diese Anmeldung ist abgelaufen',
  'It was already completed, took too long, or was started in another browser. Go back to the app and start again.':
    'Sie wurde schon abgeschlossen, hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Gehen Sie zurück zur App und beginnen Sie neu.',
  'It was already completed or took too long. Go back to the app and start again.':
    'Sie wurde schon abgeschlossen oder hat zu lange gedauert. Gehen Sie zurück zur App und beginnen Sie neu.',
  'This page is out of date': 'Diese Seite ist nicht mehr aktuell',
  'Someone signed in or out in this browser after you opened it. Nothing was changed. Go back to the app and start again.':
    'Nachdem Sie sie geöffnet haben, hat sich in diesem Browser jemand an- oder abgemeldet. Es wurde nichts geändert. Gehen Sie zurück zur App und beginnen Sie neu.',
  'Someone signed in or out in this browser after you opened it, or it is open twice. Nothing was changed. Open it again.':
    'Nachdem Sie sie geöffnet haben, hat sich in diesem Browser jemand an- oder abgemeldet, oder die Seite ist zweimal offen. Es wurde nichts geändert. Öffnen Sie sie erneut.',
  'That did not work': 'Das hat nicht funktioniert',
  'We could not accept this form. Go back to the app and start again.':
    'Wir konnten dieses Formular nicht annehmen. Gehen Sie zurück zur App und beginnen Sie neu.',
  'Nothing here': 'Hier ist nichts',
  'This page does not exist.': 'Diese Seite gibt es nicht.',
  'Please try again in a moment': 'Bitte versuchen Sie es gleich noch einmal',
  'Please try again in a moment.': 'Bitte versuchen Sie es gleich noch einmal.',
  'We cannot process your request right now. Go back and send the form again.':
    'Wir können Ihre Anfrage gerade nicht bearbeiten. Gehen Sie zurück und senden Sie das Formular erneut.',
  'Something went wrong on our side': 'Bei uns ist ein Fehler aufgetreten',
  'Please wait': 'Bitte warten Sie',
  'Too many attempts.': 'Zu viele Versuche.',
  'This request cannot continue': 'Diese Anfrage kann nicht fortgesetzt werden',
  'The app that sent you here made a request that we cannot accept. Nothing was shared with it.':
    'Die App, von der Sie kommen, hat eine Anfrage gestellt, die wir nicht annehmen können. Es wurden keine Daten weitergegeben.',
  'You are not signed in': 'Sie sind nicht angemeldet',
  'The sign-in was cancelled.': 'Die Anmeldung wurde abgebrochen.',
  'For the app’s developer: <span>{code}</span>': 'Für die Entwickler der App: <span>{code}</span>',
  'Reference: <span>{reference}</span>': 'Referenz: <span>{reference}</span>',
} as const
