import type { Messages } from './en';
import { agents, gaps } from './zh/agents';
import { bar } from './zh/bar';
import { causes } from './zh/causes';
import { checks, checkStates } from './zh/checks';
import { changes, comparison, verdict } from './zh/comparison';
import { detail, failure, headers, hops, redirect, samples } from './zh/detail';
import { facts, hints, selfCheck } from './zh/facts';
import { format } from './zh/format';
import { history } from './zh/history';
import { map } from './zh/map';
import { names } from './zh/names';
import { options } from './zh/options';
import { collector, copyLink, footer, form, header, missing, signIn, statusBar } from './zh/page';
import { present, report, share } from './zh/share';
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
} from './zh/test';
import { copyText, curl, differences, json } from './zh/table';
import { other, waterfall } from './zh/waterfall';

export const zh: Messages = {
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
