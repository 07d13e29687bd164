import { agents, gaps } from './en/agents';
import { bar } from './en/bar';
import { causes } from './en/causes';
import { checks, checkStates } from './en/checks';
import { changes, comparison, verdict } from './en/comparison';
import { detail, failure, headers, hops, redirect, samples } from './en/detail';
import { facts, hints, selfCheck } from './en/facts';
import { format } from './en/format';
import { history } from './en/history';
import { map } from './en/map';
import { names } from './en/names';
import { options } from './en/options';
import { collector, copyLink, footer, form, header, missing, signIn, statusBar } from './en/page';
import { present, report, share } from './en/share';
import {
  columns,
  families,
  legend,
  outcome,
  overloaded,
  phaseHints,
  phases,
  reuse,
  row,
  sort,
  states,
  summary,
  target,
} from './en/test';
import { copyText, curl, differences, json } from './en/table';
import { other, waterfall } from './en/waterfall';

/** All that the page says of itself. What it says of a test comes from the collector. */
export const en = {
  agents,
  bar,
  causes,
  changes,
  checks,
  checkStates,
  collector,
  columns,
  comparison,
  copyLink,
  copyText,
  curl,
  detail,
  differences,
  facts,
  failure,
  families,
  footer,
  form,
  format,
  gaps,
  header,
  headers,
  hints,
  history,
  hops,
  json,
  legend,
  map,
  missing,
  names,
  options,
  other,
  outcome,
  overloaded,
  phaseHints,
  phases,
  present,
  redirect,
  report,
  reuse,
  row,
  samples,
  selfCheck,
  share,
  signIn,
  sort,
  states,
  statusBar,
  summary,
  target,
  verdict,
  waterfall,
};

/** What every language has to say: the English messages, whatever their words. */
export type Messages = Widened<typeof en>;

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { [Key in keyof T]: Widened<T[Key]> };
