/** The `source` of this command's changes in the audit trail. */
export const OPERATIONS = 'operations'
