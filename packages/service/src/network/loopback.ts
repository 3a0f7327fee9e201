const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a URL's host name is this machine's own: the hosts on which http is allowed. */
export const isLoopback = (hostname: string): boolean => LOOPBACK.has(hostname)
