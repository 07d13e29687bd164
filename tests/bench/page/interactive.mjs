const BUTTON = 'form button.primary:enabled';
/** As long as no task has been long, nothing more is expected to come. */
const QUIET_MS = 1000;

/**
 * From the navigation's start until the button can be pressed and no long task keeps the page from noticing, in
 * milliseconds of the page's own clock. Nothing is cached.
 */
export async function interactiveMs(browser, address, { throttling }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: throttling });
    await page.addInitScript(noteTimes, BUTTON);
    await page.goto(address);
    const isQuiet = (quietMs) => {
      const { pressable, busyUntil } = globalThis.noted;
      return pressable > 0 && performance.now() - Math.max(pressable, busyUntil) > quietMs;
    };
    await page.waitForFunction(isQuiet, QUIET_MS);
    const { pressable, busyUntil } = await page.evaluate(() => globalThis.noted);
    return Math.max(pressable, busyUntil);
  } finally {
    await context.close();
  }
}

/** Runs in the page, before anything of its own. */
function noteTimes(button) {
  const noted = { pressable: 0, busyUntil: 0 };
  globalThis.noted = noted;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      noted.busyUntil = Math.max(noted.busyUntil, startTime + duration);
    }
  }).observe({ type: 'longtask', buffered: true });
  const seen = new MutationObserver(() => {
    if (!document.querySelector(button)) return;
    noted.pressable = performance.now();
    seen.disconnect();
  });
  seen.observe(document, { subtree: true, childList: true, attributes: true });
}
