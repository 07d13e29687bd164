import type { Messages } from './en';
import { agents, gaps } from './zh/agents';
import { causes } from './zh/causes';
import { checks, checkStates } from './zh/checks';
import { changes, comparison, verdict } from './zh/comparison';
import { detail, failure, headers, hops, redirect, samples } from './zh/detail';
import { facts, hints, selfCheck } from './zh/facts';
import { format } from './zh/format';
import { names } from './zh/names';
import { options } from './zh/options';
import { collector, copyLink, footer, form, header, missing, signIn, statusBar } from './zh/page';
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
import { other, waterfall } from './zh/waterfall';

export const zh: Messages = {
  agents,
  causes,
  changes,
  checks,
  checkStates,
  collector,
  columns,
  comparison,
  copyLink,
  detail,
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
  hops,
  legend,
  missing,
  names,
  options,
  other,
  outcome,
  overloaded,
  phaseHints,
  phases,
  redirect,
  reuse,
  row,
  samples,
  selfCheck,
  signIn,
  sort,
  states,
  statusBar,
  summary,
  target,
  verdict,
  waterfall,
};
