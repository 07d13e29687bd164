/** What a test, or a comparison, is taken along as. */
export const share = {
  open: 'Share',
  link: 'Copy link to this view',
  text: 'Copy as text for chat',
  csv: 'Table as CSV',
  json: 'Data as JSON',
  tablePicture: 'Picture of the table (PNG)',
  mapPicture: 'Picture of the map (PNG)',
  report: 'Report that works offline (HTML)',

  linkCopied: 'Link copied',
  textCopied: 'Text copied',
  copyByHand: 'This browser gives no clipboard here: copy it yourself.',
  working: 'Working…',
  saved: (file: string) => `Saved as ${file}`,
  failed: 'That did not work; nothing was saved.',

  /** The first line of the text for chat. */
  heading: (url: string, time: string) => `${url}, tested ${time}`,
  compared: (url: string, before: string, after: string) => `${url}, ${before} → ${after}`,
  times: (median: string, worst: string, city: string) =>
    `median TTFB ${median} ms, worst ${worst} ms (${city})`,
  underWay: (cities: string) => `${cities} still measuring`,
  failures: (causes: string) => `Failures: ${causes}`,
  cause: (cause: string, cities: string) => `${cause} (${cities})`,

  vantage: 'Measured from data-centre vantage points, not from homes.',
};

export const report = {
  all: 'All cities',
  each: 'City by city',
  title: (url: string) => `Test of ${url}`,
  origin: 'Permanent address',
  offline:
    'This file needs neither a network nor scripts. The collector\u2019s data stand in it as JSON, ' +
    'in the element firstbyte-test.',
};

export const present = {
  enter: 'Present',
  leave: 'Leave presentation',
};
