// What must never happen on a page, whatever it shows: each of these is noted, with the view on which it was.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(
  createRequire(new URL('../../web/package.json', import.meta.url)).resolve('axe-core/axe.min.js'),
  'utf8',
);
/** Of the Web Content Accessibility Guidelines; what axe calls best practice is not among them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * Adds to `complaints` errors, breaches of the content security policy and requests to another host, of all
 * pages of a context from now on.
 */
export async function watch(context, origin, complaints) {
  await context.exposeFunction('firstbyteBreach', (breach) => complaints.push(breach));
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', (event) =>
      globalThis.firstbyteBreach(
        `${location.href} breaches ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`,
      ),
    ),
  );
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol)) {
      complaints.push(`${request.frame().url()} asks another host: ${url}`);
    }
  });
  context.on('weberror', (error) => complaints.push(`${error.page()?.url()}: ${error.error()}`));
  context.on('console', (message) => {
    // The browser itself says so of each answer that is an error; whether it should be one is the views' to say.
    const ofAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !ofAnswer) {
      complaints.push(`${message.page()?.url()}: ${message.text()}`);
    }
  });
}

/** What axe finds in `part`, a selector, of the page as it is now, one line each. */
export async function accessibilityComplaints(page, part = 'html') {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const violations = await page.evaluate(
    async ([part, values]) =>
      (await globalThis.axe.run(part, { runOnly: { type: 'tag', values } })).violations,
    [part, RULES],
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html} ${failureSummary}`),
  );
}

/** How many pixels of the page lie beyond the window's right edge: nobody should scroll sideways. */
export function overhang(page) {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
