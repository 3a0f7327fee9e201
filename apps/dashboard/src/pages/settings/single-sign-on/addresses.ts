/** Whether an address is in a domain of the organization. Both are stored in lower case and in ASCII. */
export const hasAddressIn = (email: string, domain: string): boolean => email.toLowerCase().endsWith(`@${domain}`)
