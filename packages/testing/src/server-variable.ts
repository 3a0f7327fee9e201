/** The variable that passes the server of a run to its test processes. */
export const SERVER_VARIABLE = 'DAYTONA_TEST_POSTGRES'
