import { afterEach, expect, test } from 'vitest';
import { speak } from '../../i18n/language.svelte';
import { goldenComparison, goldenTest, testOf } from '../../testing/goldens';
import { cityOf } from '../../testing/measurements';
import { markupOf, textOf } from '../../testing/render';
import Report from './Report.svelte';

const ADDRESS = 'https://firstbyte.example/tests/0k3v9x2m7qf5d';

afterEach(() => speak('en'));

const reported = (props: Partial<Parameters<typeof markupOf<typeof Report>>[1]> = {}) =>
  markupOf(Report, { test: goldenTest(), comparison: null, address: ADDRESS, ...props });

test('every city is in the table and has its detail', () => {
  const markup = reported();
  for (const { agent_id, agent } of goldenTest().cities) {
    expect(markup).toContain(`href="#city-${agent_id}"`);
    expect(markup).toContain(`id="city-${agent_id}"`);
    expect(textOf(markup)).toContain(agent.city);
  }
});

test('headers, phases and facts stand in a city’s detail', () => {
  const text = textOf(reported());
  expect(text).toContain('x-edge-route : ny1');
  expect(text).toContain('DNS 8.230 ms');
  expect(text).toContain('TLS_AES_256_GCM_SHA384');
});

test('it says where the test is found and from where it was measured', () => {
  const markup = reported();
  expect(markup).toContain(`<a href="${ADDRESS}"`);
  expect(textOf(markup)).toContain('data-centre vantage points, not from homes');
});

test('the comparison with the test before is one sentence', () => {
  expect(textOf(reported())).not.toContain('moved');
  expect(textOf(reported({ comparison: goldenComparison() }))).toContain(
    'moved: New York ny1 → la1',
  );
});

test('values from outside are text', () => {
  const hostile = cityOf({
    edge: '<img src=x onerror=alert(1)>',
    headers: [['x-evil', '</li></script><script>alert(1)</script>']],
  });
  hostile.agent.city = '<b>Oslo</b>';
  const markup = reported({
    test: { ...testOf([hostile]), url: 'https://a/"><svg onload=alert(1)>' },
  });
  expect(markup).not.toMatch(/<script|<img|<b>|<svg onload/);
  expect(textOf(markup)).toContain('</script><script>alert(1)');
});

test('it speaks the language of the page', async () => {
  await speak('zh');
  expect(textOf(reported())).toContain('所有城市');
});
