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
} as const
