/** From here on the collector rates an answer as failed, however fast it came. */
export function isHttpError(status: number | null): status is number {
  return status !== null && status >= 400;
}

/** 304 says that nothing has changed; it leads nowhere. */
export function isRedirect(status: number | null): boolean {
  return status !== null && status >= 300 && status < 400 && status !== 304;
}
