/** The only region, and the default target of sandboxes. */
export const LOCAL_REGION = 'local'
