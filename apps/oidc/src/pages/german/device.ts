/** The sentences of the device flow. */
export const DEVICE = {
  'That did not work. Enter the code again.': 'Das hat nicht funktioniert. Geben Sie den Code noch einmal ein.',
  'That page was out of date: someone signed in or out in this browser after you opened it. Enter the code again.':
    'Die Seite war nicht mehr aktuell: Nachdem Sie sie geöffnet haben, hat sich in diesem Browser jemand an- oder abgemeldet. Geben Sie den Code noch einmal ein.',
  'Enter the code that your device shows.': 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
  'No device shows this code. Compare it with the one on your device.':
    'Kein Gerät zeigt diesen Code an. Vergleichen Sie ihn mit dem Code auf Ihrem Gerät.',
  'This code has expired. Start again on your device.':
    'Dieser Code ist abgelaufen. Beginnen Sie auf Ihrem Gerät von vorn.',
  'This code has been used already. Start again on your device.':
    'Dieser Code wurde schon verwendet. Beginnen Sie auf Ihrem Gerät von vorn.',
  'Connect a device': 'Gerät verbinden',
  'Enter the code that your device or terminal shows': 'Geben Sie den Code ein, den Ihr Gerät oder Terminal anzeigt',
  'Enter a code only if your own device shows it. Anyone who sends you a code wants access to your account.':
    'Geben Sie einen Code nur ein, wenn Ihr eigenes Gerät ihn anzeigt. Wer Ihnen einen Code schickt, will Zugriff auf Ihr Konto.',
  'Is this your device?': 'Ist das Ihr Gerät?',
  'It must show this code now:': 'Es muss jetzt diesen Code anzeigen:',
  'Did someone send you this code or link?': 'Hat Ihnen jemand diesen Code oder Link geschickt?',
  'Choose “No”: the person with that device would get access to your account.':
    'Wählen Sie „Nein“: Die Person mit dem Gerät würde Zugriff auf Ihr Konto erhalten.',
  'Requested by': 'Angefordert von',
  Program: 'Programm',
  'It wants to': 'Es möchte',
  'Yes, the codes match': 'Ja, die Codes stimmen überein',
  'No, deny access': 'Nein, Zugriff verweigern',
  'Device connected': 'Gerät verbunden',
  'Access denied': 'Zugriff verweigert',
  '<strong>{client}</strong> continues on your device. You can close this page.':
    '<strong>{client}</strong> wird auf Ihrem Gerät fortgesetzt. Sie können diese Seite schließen.',
  'The app continues on your device. You can close this page.':
    'Die App wird auf Ihrem Gerät fortgesetzt. Sie können diese Seite schließen.',
  'The device gets no access. You can close this page.':
    'Das Gerät erhält keinen Zugriff. Sie können diese Seite schließen.',
} as const
