/** The one region that there is: where sandboxes are unless they are asked for elsewhere. */
export const LOCAL_REGION = 'local'
