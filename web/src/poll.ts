/** Often enough that an agent's coming and going is seen, seldom enough to be no load. */
const EVERY_MS = 15_000;

/** Asks every so often while the reader can see the page, and at once when it comes into view. */
export function pollWhileVisible(
  ask: () => void,
  page: Pick<Document, 'visibilityState'> & EventTarget = document,
): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;

  function follow() {
    clearInterval(timer);
    if (page.visibilityState === 'visible') timer = setInterval(ask, EVERY_MS);
  }

  function onChange() {
    follow();
    if (page.visibilityState === 'visible') ask();
  }

  follow();
  page.addEventListener('visibilitychange', onChange);
  return () => {
    clearInterval(timer);
    page.removeEventListener('visibilitychange', onChange);
  };
}
