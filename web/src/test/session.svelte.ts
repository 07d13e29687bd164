import type { Client } from '../api/client';
import type { ApiError, Result, Sentence } from '../api/result';
import type { AgentStatus, Comparison, Info, RateLimit, Test } from '../api/types';
import type { Watch } from '../api/watch';
import { pathOf, routeOf } from '../route';
import { normalizeUrl } from '../target-url';
import { optionsOf, placeOf, requestOf, usualOptions, type Options } from './options';
import { apply, isRunning } from './reducer';

/** `ended`: the collector gives no more of the test, which is shown as it stood then. */
export type Feed = 'none' | 'live' | 'reconnecting' | 'ended';

export interface SessionParts {
  client: Client;
  watch: Watch;
  /** Puts a path into the address bar. */
  navigate: (path: string) => void;
  /** For as long as a collector that is away is left alone. */
  pause: () => Promise<void>;
  now: () => Date;
}

/** What the page shows: one test, the field's URL, and what went wrong on the way. */
export class Session {
  url = $state('');
  /** How the next test is to ask for it. */
  options = $state<Options>(usualOptions());
  /** As it was after the last test. */
  rateLimit = $state.raw<RateLimit | null>(null);
  /** What the address of the page says of options and cannot be meant. */
  ignoredOptions = $state.raw<string[]>([]);
  info = $state.raw<Info | null>(null);
  /** Null until the collector has been asked. */
  agents = $state.raw<AgentStatus[] | null>(null);
  /** Since when the collector has not said how its agents are; null while it does. */
  unreachableSince = $state<string | null>(null);
  test = $state.raw<Test | null>(null);
  feed = $state<Feed>('none');
  /** Whether the collector was restarted while this page followed the test. */
  restarted = $state(false);
  starting = $state(false);
  loading = $state(false);
  /** Why the last test did not start. */
  startError = $state.raw<ApiError | null>(null);
  /** The collector shows nothing until it knows who asks. */
  needsToken = $state(false);
  signingIn = $state(false);
  signInError = $state.raw<Sentence | null>(null);
  /** The test that was run before this one, where that is known. */
  previousId = $state.raw<string | null>(null);
  /** Of this test, once it is done, with the one before it. */
  comparison = $state.raw<Comparison | null>(null);
  /** The comparison that the page is to show alone. */
  compared = $state.raw<{ before: string; after: string } | null>(null);
  /** The URL whose tests the page is to list alone. */
  history = $state.raw<{ url: string } | null>(null);
  /** Why the test at this address is not shown, or not up to date. */
  testError = $state.raw<Sentence | null>(null);

  readonly #parts: SessionParts;
  /** Tells an answer that is still wanted from one that the reader has since moved on from. */
  #turn = 0;
  #path = '/';
  #stopWatching = () => {};
  /** Which of the collector's runs the feed came from. */
  #run: string | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    const following = this.feed === 'live' || this.feed === 'reconnecting';
    return this.test !== null && isRunning(this.test) && following;
  }

  get busy(): boolean {
    return this.starting || this.running;
  }

  /** The field has the URL of the test that is shown and done. */
  get repeats(): boolean {
    return this.#sameTargetId(this.url.trim()) !== null;
  }

  /** Nothing is shown but the agents that wait for a test. */
  get idle(): boolean {
    if (this.compared !== null || this.history !== null) return false;
    return this.test === null && this.testError === null && !this.loading && !this.starting;
  }

  /** The page's first view. */
  async open(path: string): Promise<void> {
    const asked = this.#ask(this.#parts.client.getInfo());
    const [info] = await Promise.all([asked, this.show(path)]);
    if (!info.ok) return;
    this.info = info.value;
    if (this.url === '') this.url = info.value.default_url;
  }

  /**
   * Shows what belongs to an address, a path with its query: a test, a comparison of two, or the
   * agents that wait for one.
   */
  async show(path: string): Promise<void> {
    const turn = this.#nextTurn();
    this.#path = path;
    this.test = null;
    this.feed = 'none';
    this.startError = null;
    this.testError = null;
    this.ignoredOptions = [];
    const { test, comparison, history } = routeOf(path);
    this.compared = comparison;
    this.history = history;
    if (history !== null) this.url = history.url;
    this.previousId = test?.before ?? null;
    if (test === null) {
      const prepared = comparison === null && history === null ? this.#prepare(path) : null;
      await Promise.all([prepared, this.refreshAgents()]);
      return;
    }

    this.loading = true;
    const found = await this.#ask(this.#parts.client.getTest(test.id));
    if (turn !== this.#turn) return;
    this.loading = false;
    if (!found.ok) {
      this.testError = found.error.sentence;
      return;
    }
    this.url = found.value.url;
    this.options = optionsOf(found.value);
    this.#follow(found.value);
    if (this.agents === null) await this.findAgents();
  }

  /** Starts a test of the field's URL. What was shown stays until the collector has accepted it. */
  async start(): Promise<void> {
    if (this.busy) return;
    const target = normalizeUrl(this.url);
    if (!target.ok) {
      this.startError = target.error;
      return;
    }
    this.url = target.value;
    const options = $state.snapshot(this.options);
    const asked = requestOf(target.value, options);
    if (!asked.ok) {
      this.#refuse(asked.error, options);
      return;
    }
    const turn = this.#nextTurn();
    this.starting = true;
    this.startError = null;
    const started = await this.#ask(this.#parts.client.startTest(asked.value));
    this.rateLimit = this.#parts.client.rateLimit();
    if (turn !== this.#turn) return;
    this.starting = false;
    if (!started.ok) {
      this.#refuse(started.error, options);
      return;
    }
    this.testError = null;
    this.ignoredOptions = [];
    this.compared = null;
    this.history = null;
    this.previousId = this.#sameTargetId(target.value);
    this.#path = pathOf(started.value.id, this.previousId);
    this.#parts.navigate(this.#path);
    this.#follow(started.value);
  }

  /** Takes a URL as what to test next, and leaves it to the reader to start. */
  retarget(url: string): void {
    this.url = url;
    this.startError = null;
  }

  /** Asks how the agents are, if they are what is shown. */
  async refreshAgents(): Promise<void> {
    if (this.idle) await this.findAgents();
  }

  /** Asks how the agents are, for whoever is to choose among them. */
  async findAgents(): Promise<void> {
    if (this.needsToken) return;
    const turn = this.#turn;
    const found = await this.#ask(this.#parts.client.getAgents());
    if (turn !== this.#turn) return;
    if (found.ok) {
      this.agents = found.value;
      this.unreachableSince = null;
    } else if (this.idle) {
      this.unreachableSince ??= this.#parts.now().toISOString();
    }
  }

  /** Shows what was asked for, once the collector knows who asks. */
  async signIn(token: string): Promise<void> {
    if (this.signingIn) return;
    this.signingIn = true;
    const signedIn = await this.#parts.client.signIn(token.trim());
    this.signingIn = false;
    this.signInError = signedIn.ok ? null : signedIn.error.sentence;
    if (!signedIn.ok) return;
    this.needsToken = false;
    await this.open(this.#path);
  }

  async signOut(): Promise<void> {
    await this.#parts.client.signOut();
    await this.open(this.#path);
  }

  /** Takes what the start page's address says, for a test that is prepared for somebody. */
  async #prepare(path: string): Promise<void> {
    const { searchParams } = new URL(path, 'http://page');
    if (searchParams.toString() === '') return;
    const turn = this.#turn;
    // Without an answer the collector is away, which the page tells by itself.
    const address = await import('./options-address').catch(() => null);
    if (address === null || turn !== this.#turn) return;
    const { url, options, ignored } = address.readOptions(searchParams);
    if (url !== null) this.url = url;
    if (options !== null) this.options = options;
    this.ignoredOptions = ignored;
  }

  /** The form's fields are told by what they were when they were sent. */
  #refuse(error: ApiError, sent: Options): void {
    this.startError = { ...error, field: placeOf(error.field, sent) };
  }

  async #ask<T>(answer: Promise<Result<T>>): Promise<Result<T>> {
    const result = await answer;
    if (!result.ok && result.error.needsToken) this.needsToken = true;
    return result;
  }

  /** The test that is shown, if it is done and was of this URL. */
  #sameTargetId(url: string): string | null {
    const { test } = this;
    return test !== null && !isRunning(test) && test.url === url ? test.id : null;
  }

  /** Sets the test that is done against the one before it; without an answer there is none. */
  async #compare(after: string): Promise<void> {
    const before = this.previousId;
    if (before === null) return;
    const turn = this.#turn;
    const found = await this.#ask(this.#parts.client.compare(before, after));
    if (turn === this.#turn && found.ok) this.comparison = found.value;
  }

  #follow(test: Test): void {
    this.test = test;
    this.feed = 'none';
    // It came from the collector, which is back if it was away.
    this.unreachableSince = null;
    if (!isRunning(test)) {
      void this.#compare(test.id);
      return;
    }
    this.feed = 'live';
    this.#watch(test.id);
  }

  #watch(id: string): void {
    this.#stopWatching = this.#parts.watch(id, {
      onEvent: (event) => {
        this.feed = 'live';
        if (this.test) this.#advance(apply(this.test, event));
      },
      onOpen: () => (this.feed = 'live'),
      onReconnecting: () => (this.feed = 'reconnecting'),
      onLost: () => void this.#recover(id),
      onRun: (name) => {
        this.restarted ||= this.#run !== null && this.#run !== name;
        this.#run = name;
      },
    });
  }

  #advance(test: Test): void {
    this.test = test;
    if (isRunning(test)) return;
    this.feed = 'none';
    this.#stopWatching();
    void this.#compare(test.id);
  }

  /**
   * Browsers give a feed up at the first answer that is an error, such as a proxy's for a collector that is being
   * restarted. So the test itself is asked for until there is a feed again, or the test is done.
   */
  async #recover(id: string): Promise<void> {
    const turn = this.#turn;
    this.#stopWatching();
    this.feed = 'reconnecting';
    const found = await this.#ask(this.#parts.client.getTest(id));
    if (turn !== this.#turn) return;
    if (found.ok) {
      this.#advance(found.value);
      if (!isRunning(found.value)) return;
    } else if (!found.error.temporary) {
      this.feed = 'ended';
      this.testError = found.error.sentence;
      return;
    }
    await this.#parts.pause();
    if (turn !== this.#turn) return;
    if (found.ok) this.#watch(id);
    else void this.#recover(id);
  }

  #nextTurn(): number {
    this.#stopWatching();
    this.#stopWatching = () => {};
    this.starting = false;
    this.loading = false;
    this.comparison = null;
    this.restarted = false;
    this.#run = null;
    return ++this.#turn;
  }
}
