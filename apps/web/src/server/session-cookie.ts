/** Name of the cookie that holds the session's secret. The gateway strips it on its way to any workload. */
export const sessionCookie = 'skykeep_session'
