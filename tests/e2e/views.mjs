// The page's views, one after the other: what the tests look at and what pictures are taken of.

export const LANGUAGES = ['en', 'zh-CN'];
export const SCHEMES = ['light', 'dark'];
export const WIDTHS = [390, 1280, 1920];
const HEIGHTS = { 390: 844, 1280: 800, 1920: 1080 };

/**
 * `before` and `after` are the ids of two tests. Of each view: where it is, and a selector that is there once
 * all of it is; of some, what is then unfolded, and the part of the page that can be used then.
 */
export function viewsOf({ before, after }) {
  return [
    { name: 'start', path: '/', ready: 'main li details' },
    {
      name: 'options',
      path: '/',
      ready: 'main li details',
      unfolds: { by: 'form summary', to: 'form input[type="checkbox"]' },
    },
    { name: 'test', path: `/tests/${after}?before=${before}`, ready: 'a[href^="/compare/"]' },
    {
      name: 'share',
      path: `/tests/${after}`,
      ready: 'details.share',
      unfolds: { by: 'details.share summary', to: 'details.share a[download]' },
      // A backdrop lies over the rest, which is the view before this.
      part: 'details.share',
    },
    { name: 'test-map', path: `/tests/${after}?view=map`, ready: 'figure svg a' },
    { name: 'city', path: `/tests/${before}#new-york`, ready: '#detail-new-york' },
    { name: 'comparison', path: `/compare/${before}/${after}`, ready: 'tr[data-agent]' },
    { name: 'map', path: `/compare/${before}/${after}?view=map`, ready: 'figure svg a' },
    { name: 'history', path: '/history', ready: '.plot canvas' },
    { name: 'present', path: `/tests/${after}?before=${before}&present`, ready: '.verdict' },
    { name: 'missing', path: '/tests/unknown', ready: '[role="alert"]' },
  ];
}

export async function openView(page, origin, { path, ready, unfolds }) {
  // To an address that differs by its fragment alone, no page would be loaded.
  await page.goto('about:blank');
  await page.goto(origin + path);
  await page.locator(ready).first().waitFor();
  if (!unfolds) return;
  await page.locator(unfolds.by).first().click();
  await page.locator(unfolds.to).first().waitFor();
}

export async function lookAs(page, scheme, width) {
  await page.setViewportSize({ width, height: HEIGHTS[width] });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
}
