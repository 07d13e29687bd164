/** From now on the page notes how long each of its tasks takes that is longer than 50 ms. */
export async function noteLongTasks(page) {
  await page.evaluate(() => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => {
      globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ entryTypes: ['longtask'] });
  });
}

/** In milliseconds; 0 if none took longer than 50. */
export function longestTask(page) {
  return page.evaluate(() => Math.max(0, ...globalThis.tasks));
}
