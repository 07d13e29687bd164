import assert from 'node:assert/strict';

/** As a city goes through them; whatever is not among them is an end. */
const STATES = ['dispatched', 'dns', 'connect', 'tls', 'wait', 'transfer'];
const VIEWPORT = { width: 1280, height: 1200 };

/**
 * From when another watcher of the same test had an event until the frame after the one that shows it began, in
 * milliseconds, of all events of so many tests. Both clocks are this machine's. The other watcher has it some tenths of a
 * millisecond after the collector published it. A step that the page has drawn over with a later one within the same
 * frame counts until that frame.
 */
export async function eventLatenciesMs(browser, address, tests) {
  const context = await browser.newContext({ viewport: VIEWPORT });
  try {
    const page = await context.newPage();
    await page.goto(address);
    await page.evaluate(noteDrawn);
    const latencies = [];
    for (let run = 0; run < tests; ++run) latencies.push(...(await latenciesOfOne(page, address)));
    return latencies;
  } finally {
    await context.close();
  }
}

async function latenciesOfOne(page, address) {
  await page.evaluate(() => globalThis.drawn.splice(0));
  const answered = page.waitForResponse(
    (response) =>
      response.request().method() === 'POST' &&
      new URL(response.url()).pathname === '/api/v1/tests',
  );
  await page.locator('form button.primary').click();
  const { id } = await (await answered).json();
  const published = await watchTest(new URL(`/api/v1/tests/${id}/events`, address));
  await page.locator('form button.primary:enabled').waitFor();
  await page.evaluate(
    () => new Promise((noted) => requestAnimationFrame(() => setTimeout(noted, 50))),
  );
  const drawn = await page.evaluate(() => globalThis.drawn);
  return published.map(({ agentId, state, at }) => {
    const shown = drawn.find((one) => one.agentId === agentId && rank(one.state) >= rank(state));
    assert.ok(shown, `${agentId} was never shown as ${state} or later.`);
    return shown.at - at;
  });
}

function rank(state) {
  const found = STATES.indexOf(state);
  return found === -1 ? STATES.length : found;
}

/** The cities' events until the test is done, with when each came. The snapshot is none of them. */
async function watchTest(address) {
  const { body } = await fetch(address);
  const events = [];
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const at = performance.timeOrigin + performance.now();
    const frames = (text + chunk).split('\n\n');
    text = frames.pop();
    for (const frame of frames) {
      const [, event] = /^event: (.*)$/m.exec(frame) ?? [];
      const [, data] = /^data: (.*)$/m.exec(frame) ?? [];
      if (event !== 'city') continue;
      const { agent_id: agentId, state } = JSON.parse(data);
      events.push({ agentId, state, at });
    }
  }
  return events;
}

/** Runs in the page: of each row, when a state of it had been drawn. */
function noteDrawn() {
  const drawn = [];
  globalThis.drawn = drawn;
  const states = new Map();
  let inFrame = false;
  const nextFrame = globalThis.requestAnimationFrame.bind(globalThis);
  const { port1, port2 } = new MessageChannel();
  // What is posted in a frame comes after it has been painted.
  port1.onmessage = () => (inFrame = false);
  globalThis.requestAnimationFrame = (run) =>
    nextFrame((time) => {
      inFrame = true;
      port2.postMessage(null);
      run(time);
    });
  new MutationObserver(() => {
    const changed = [...document.querySelectorAll('tr[data-agent]')]
      .map(({ dataset: { agent: agentId, state } }) => ({ agentId, state }))
      .filter(({ agentId, state }) => states.get(agentId) !== state);
    if (changed.length === 0) return;
    for (const { agentId, state } of changed) states.set(agentId, state);
    // By the next frame's beginning the one that has the change was handed to the screen.
    const note = () => {
      const at = performance.timeOrigin + performance.now();
      drawn.push(...changed.map((change) => ({ ...change, at })));
    };
    inFrame ? nextFrame(note) : nextFrame(() => nextFrame(note));
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}
