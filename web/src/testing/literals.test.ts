import { expect, test } from 'vitest';
import { sentencesIn, wordsInComponent } from './literals';

test('words in the markup are found, wherever they stand', () => {
  const source = '<p>Hello {a ? "you" : `${b} there`}{#if a}<b>all</b>{:else}none{/if}</p>';
  expect(wordsInComponent(source)).toEqual(['Hello', 'you', 'there', 'all', 'none']);
});

test('attributes that are read are looked at, and others are not', () => {
  const source = '<p class="wide" aria-label="Cities" title="{n} more"></p><C label={"Copy"} />';
  expect(wordsInComponent(source)).toEqual(['Cities', 'more', 'Copy']);
});

test('what comes from elsewhere is no literal', () => {
  expect(wordsInComponent('<p title={text.hint}>{text.title} {say("x")}: 12 %</p>')).toEqual([]);
});

test('sentences in a script are found, single words and errors are not', () => {
  expect(sentencesIn('const a = `${b} was lost`; throw new Error("no such thing");')).toEqual([
    ' was lost',
  ]);
  expect(wordsInComponent('<script>const MEANING = "It was late";</script>')).toEqual([
    'It was late',
  ]);
});
