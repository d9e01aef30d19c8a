/** The oldest Deno that README promises. Before 2.7.14, HTTPS through a proxy with a password hangs. */
export const OLDEST_DENO = "2.8.0";
