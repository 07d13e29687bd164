import { afterEach, expect, test } from 'vitest';
import { decodeAgents, decodeTest } from '../../api/decode';
import type { ApiError } from '../../api/result';
import type { AgentStatus, RateLimit, Test } from '../../api/types';
import { speak } from '../../i18n/language.svelte';
import { headerRow, optionsOf, usualOptions, type Options } from '../../test/options';
import { golden } from '../../testing/goldens';
import { markupOf, textOf } from '../../testing/render';
import OptionsPanel from './OptionsPanel.svelte';

const known = decodeAgents(golden('agents.json')) as AgentStatus[];

const panel = (
  options: Partial<Options> = {},
  error: ApiError | null = null,
  rateLimit: RateLimit | null = null,
) =>
  markupOf(OptionsPanel, {
    url: 'https://a/',
    options: { ...usualOptions(), ...options },
    agents: known,
    error,
    rateLimit,
  });
const refused = (field: string): ApiError => ({ sentence: 'not so', field });

/** The control with this id, and what it says of itself. */
const control = (markup: string, id: string) =>
  new RegExp(`<(?:input|select|textarea)[^>]* id="${id}"[^>]*>`).exec(markup)?.[0] ?? '';

afterEach(() => speak('en'));

test('every label belongs to a control, and every control has a name', () => {
  const markup = panel({ method: 'POST', request_headers: [headerRow('a', 'b')] });
  const ids = [...markup.matchAll(/<label for="([^"]*)"/g)].map(([, id]) => id ?? '');
  expect(ids.length).toBeGreaterThan(15);
  for (const id of ids) expect(control(markup, id), id).not.toBe('');
  const controls = markup.match(/<(input|select|textarea)\b[^>]*>/g) ?? [];
  const nameless = controls.filter((tag) => !/ id="| aria-label="|type="checkbox"/.test(tag));
  expect(nameless).toEqual([]);
});

test('no id is there twice', () => {
  const markup = panel({ request_headers: [headerRow('a'), headerRow('b')] });
  const ids = [...markup.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(['samples', 'resolver', 'family', 'limits_ms/dns', 'expect/status', 'timeout_ms'])(
  'a problem with %s is told at its field',
  (member) => {
    const markup = panel({}, refused(`/${member}`));
    const id = `option-${member.replace('/', '-')}`;
    expect(control(markup, id)).toMatch(
      new RegExp(`aria-invalid="true" aria-describedby="${id}-error"`),
    );
    expect(markup).toMatch(new RegExp(`<p id="${id}-error" role="alert" lang="en"[^>]*>not so<`));
    expect(markup.match(/aria-invalid/g)).toHaveLength(1);
  },
);

test('a problem with a header is told at its row, at the name unless it is the value', () => {
  const rows = [headerRow('a', '1'), headerRow('b', '2')];
  const at = (part: string) =>
    panel({ request_headers: rows }, refused(`/request_headers/${rows[1]?.key}${part}`));
  const names = (markup: string) =>
    [...markup.matchAll(/aria-label="(\w+)"[^>]*aria-invalid="true"/g)].map(([, name]) => name);
  expect(names(at(''))).toEqual(['Name']);
  expect(names(at('/1'))).toEqual(['Value']);
  expect(at('/1').match(/role="alert"/g)).toHaveLength(1);
});

test('a problem with the cities is told among them', () => {
  expect(panel({}, refused('/agents'))).toMatch(
    /<fieldset class="cities[^"]*wrong[^"]*" aria-describedby="option-agents-error"/,
  );
});

test('a value that was not kept is asked for', () => {
  const { request_headers } = optionsOf(decodeTest(golden('test-samples.json')) as Test);
  const markup = panel({ request_headers });
  expect(textOf(markup)).toContain('This value is not kept: type it again, or remove the header.');
  expect(markup).not.toContain('redacted');
});

test('a body is there for a POST only', () => {
  expect(control(panel(), 'option-body')).toBe('');
  expect(control(panel({ method: 'POST' }), 'option-body')).not.toBe('');
});

test('bounds are those of the collector', () => {
  expect(control(panel(), 'option-samples')).toMatch(/min="1" max="10"/);
  expect(control(panel(), 'option-timeout_ms')).toMatch(/max="30000"/);
  expect(control(panel({ samples: 2 }), 'option-timeout_ms')).toMatch(/max="60000"/);
});

test('cities stand by region, one that is offline says so and can be chosen', () => {
  const markup = panel({ agents: ['sao-paulo'] });
  expect(textOf(markup)).toMatch(/South America( \S+)? São Paulo offline/);
  const boxes = markup.match(/<input type="checkbox"[^>]*>/g) ?? [];
  expect(boxes.map((box) => box.includes(' checked'))).toEqual([false, true]);
  expect(boxes.join()).not.toContain('disabled');
});

test('the samples are counted as the collector counts them', () => {
  expect(textOf(panel({ samples: 3, family: 'both' }))).toContain('Counts as 12 samples.');
});

test('what is left of the limit is told once it is known', () => {
  const left = 'After the last test 286 of 300 a minute were left.';
  expect(textOf(panel({}, null, { limit: 300, remaining: 286 }))).toContain(left);
  expect(textOf(panel())).not.toContain('After the last test');
});

test('a header with markup is text', () => {
  expect(panel({ request_headers: [headerRow('a', '"><img src=x>')] })).not.toContain('<img src=x');
});

test('the options are in Chinese, but for names', async () => {
  await speak('zh');
  const text = textOf(panel({ method: 'POST' }));
  expect(text).toContain('北美洲');
  const words = new Set(text.match(/(?<![-\w])[a-z]{4,}(?![-\w])/g) ?? []);
  expect([...words]).toEqual([]);
});
