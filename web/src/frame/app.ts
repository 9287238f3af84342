// The frame around all pages: who is signed in, how fresh the screen is, which page is open. It
// reads a page's data again when a fact arrives, and never says "Live" of a screen that is not.

import { html, nothing, render, type TemplateResult } from 'lit-html';
import { Code } from '@connectrpc/connect';
import { notifications, session as sessionApi, watch } from '../api';
import { isSignedOut, toRefusal } from '../errors';
import type { Session, WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Alert_State } from '../generated/fosterwatch/notifications/v1/notification_pb';
import { LiveFeed } from '../live';
import { Names } from '../names';
import type { Frame, OpenAlerts, Page } from '../page';
import type { Part } from '../pages';
import { hasOwnCaseload, readsAgency } from '../pages/rights';
import { emergencyOf, match, paths } from '../router';
import { SessionKeeper } from '../session_keeper';
import { maybeDate } from '../time';
import { showDialog, sessionEnded, sessionEnding } from '../ui/session_dialog';
import { alertWords, roleWords } from '../words';
import { Freshness, STALE_MS } from './freshness';
import { menuView } from './menu';
import {
  brokenView, demonstrationView, footerView, loadingView, NAME, notAllowedView, noticeView, notFoundView,
  signedOutView,
} from './views';

// Facts come in bursts: one report makes ten.
const GATHER_MS = 50;
// How often "due in 5 minutes" is worked out again.
const TICK_MS = 10_000;
const RETRY_MS = 2_000;
// Whoever hears no stream of facts has the page read again when they come back to it after so long.
const LOOK_AGAIN_MS = 60_000;

type Shown = 'starting' | 'page' | 'loading' | 'signed out' | 'not found' | 'not allowed' | 'broken';

export class App implements Frame {
  readonly names = new Names();
  openAlerts: OpenAlerts = { count: 0, alerts: [] };
  session!: Session;

  #shown: Shown = 'starting';
  #page: Page | undefined;
  // The address whose part or page is on its way, or there.
  #opening: URL | undefined;
  #notice: string | undefined;
  #announcement = '';
  #problem = '';

  #watching = false;
  readonly #freshness = new Freshness();
  #everConnected = false;

  #gathering: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #loadingPage: Page | undefined;
  #loadAgain = false;
  #alertsStale = true;
  readonly #feed: LiveFeed;

  // How long is left of a session that is about to end; 'ended' while a form that was begun waits for
  // somebody to sign in again.
  #left: number | 'ended' | undefined;
  // What was typed goes: somebody said so, or somebody else has signed in.
  #dropping = false;
  readonly #keeper: SessionKeeper;

  constructor(
    private readonly root: HTMLElement,
    private readonly partOf: (url: URL) => Part | undefined,
    private readonly unsent: () => boolean,
  ) {
    this.#feed = new LiveFeed(watch, {
      connected: () => this.#connected(),
      fact: (fact) => this.#fact(fact),
      heard: () => {
        if (this.#isLive && !this.#loadingPage) this.#freshness.known(this.now());
      },
      lost: () => {
        this.#freshness.lost();
        this.update();
        setTimeout(() => this.update(), STALE_MS);
      },
      signedOut: () => void this.#streamEnded(),
    });
    this.#keeper = new SessionKeeper({
      get: () => sessionApi.getSession({}),
      keep: () => sessionApi.keepSession({}),
    }, {
      ending: (leftMs) => {
        this.#left = leftMs;
        this.update();
      },
      goesOn: (session) => this.#goesOn(session),
      ended: () => this.#signedOut(),
    });
  }

  now(): Date {
    return new Date();
  }

  async start(): Promise<void> {
    this.update();
    // Comes along while the session is asked for; should it fail, opening the page says so.
    void this.partOf(new URL(location.href))?.().catch(() => {});
    try {
      this.session = await sessionApi.getSession({});
    } catch (error) {
      if (isSignedOut(error)) {
        this.#signedOut();
      } else {
        this.#broken(error);
        setTimeout(() => void this.start(), RETRY_MS);
      }
      return;
    }
    this.names.ownCaseload = hasOwnCaseload(this.session);
    document.addEventListener('click', (event) => this.#click(event));
    window.addEventListener('popstate', () => this.#open());
    window.addEventListener('online', () => this.#feed.nudge());
    window.addEventListener('offline', () => this.#feed.drop());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.#feed.nudge();
      this.#lookForSession();
      this.#lookAgain();
    });
    window.addEventListener('focus', () => {
      this.#lookForSession();
      this.#lookAgain();
    });
    for (const sign of ['keydown', 'pointerdown', 'input', 'wheel']) {
      document.addEventListener(sign, () => this.#keeper.active(), { passive: true });
    }
    window.addEventListener('beforeunload', (event) => {
      if (this.unsent() && !this.#dropping) event.preventDefault();
    });
    this.#keeper.start(this.session);
    setInterval(() => this.update(), TICK_MS);
    void this.#watch();
    this.#open(false);
  }

  navigate(path: string, options: { notice?: string; replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, '', path);
    else history.pushState(null, '', path);
    this.#open(true, options.notice);
  }

  update(): void {
    this.#freshness.look(this.#isLive, this.now());
    // Closed before it goes, so that the focus is back where it was.
    if (this.#left === undefined) showDialog(this.root, false);
    render(this.#view(), this.root);
    if (this.#left !== undefined) showDialog(this.root, true);
    document.title = this.#title();
  }

  #open(moveFocus = true, notice?: string): void {
    const url = new URL(location.href);
    this.#opening = url;
    this.#notice = notice;
    this.#page = undefined;
    this.#problem = '';
    const part = this.partOf(url);
    if (!part) {
      this.#notFound();
      return;
    }
    this.#shown = 'loading';
    this.update();
    part().then(({ routes }) => {
      // Another page was opened meanwhile.
      if (this.#opening !== url) return;
      this.#page = match(routes, url)?.()(this);
      if (this.#page) void this.#load(moveFocus);
      else this.#notFound();
    }, () => {
      if (this.#opening === url) this.#partMissing();
    });
  }

  // The network is gone, or a newer version is installed, whose files have other names: then the
  // page that names them is read again.
  #partMissing(): void {
    this.#shown = 'broken';
    this.#problem = 'A part of Fosterwatch could not be loaded';
    this.update();
    const opening = this.#opening;
    setTimeout(() => {
      if (this.#opening !== opening) return;
      fetch('/', { method: 'HEAD' }).then(() => location.reload(), () => this.#partMissing());
    }, RETRY_MS);
  }

  #notFound(shown: 'not found' | 'not allowed' = 'not found'): void {
    this.#shown = shown;
    this.update();
    this.#focusHeading();
  }

  // Reads what the page shows. One at a time: what changes meanwhile is read once more after it.
  async #load(moveFocus = false): Promise<void> {
    const page = this.#page;
    if (!page) return;
    if (this.#loadingPage === page) {
      this.#loadAgain = true;
      return;
    }
    this.#loadingPage = page;
    this.#loadAgain = false;
    if (this.#shown === 'loading') this.update();
    const reading = this.#freshness.begin(this.now());
    try {
      // Who is signed in is named on every page; by their id where the directory is away.
      await Promise.all([
        page.load(), this.#loadAlerts(), this.names.ensureDirectory().catch(() => {}),
      ]);
      if (page !== this.#page) return;
      const first = this.#shown !== 'page';
      this.#shown = 'page';
      this.#freshness.read(reading);
      void this.#watch();
      this.update();
      this.#freshness.drawn(reading, this.now());
      this.update();
      if (first && moveFocus) this.#focusHeading();
    } catch (error) {
      this.#freshness.notRead(reading);
      if (page === this.#page) this.#failed(error);
    } finally {
      if (this.#loadingPage === page) this.#loadingPage = undefined;
      if (page === this.#page && this.#loadAgain) void this.#load();
    }
  }

  #failed(error: unknown): void {
    if (isSignedOut(error)) {
      this.#signedOut();
      return;
    }
    const { code } = toRefusal(error);
    if (this.#shown !== 'page' && (code === Code.NotFound || code === Code.InvalidArgument)) {
      this.#freshness.known(this.now());
      this.#notFound();
      return;
    }
    if (this.#shown !== 'page' && code === Code.PermissionDenied) {
      this.#notFound('not allowed');
      return;
    }
    this.#freshness.failed();
    if (this.#shown === 'page') this.update();
    else this.#broken(error);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      void this.#load();
    }, RETRY_MS);
  }

  #broken(error: unknown): void {
    this.#shown = 'broken';
    this.#problem = toRefusal(error).message;
    this.update();
  }

  // Keeps the feed running; it ends with the session, and a new session may come.
  async #watch(): Promise<void> {
    if (this.#watching || !readsAgency(this.session)) return;
    this.#watching = true;
    await this.#feed.run();
    this.#watching = false;
  }

  // A stream ends with the token that it was opened with; the session may have been kept since.
  async #streamEnded(): Promise<void> {
    this.#freshness.lost();
    try {
      await sessionApi.getSession({});
    } catch (error) {
      if (isSignedOut(error)) {
        this.#signedOut();
        return;
      }
    }
    setTimeout(() => void this.#watch(), RETRY_MS);
  }

  // Without a stream of facts nothing says that there is something new. Not by a clock: who looked at
  // a record is kept, and a page that nobody looks at looks at none.
  #lookAgain(): void {
    const { freshAt } = this.#freshness;
    if (readsAgency(this.session) || this.#shown !== 'page' || !freshAt) return;
    if (this.now().getTime() - freshAt.getTime() >= LOOK_AGAIN_MS) this.#readAgain();
  }

  #readAgain(): void {
    this.names.forgetAll();
    this.#page?.concerns?.(undefined);
    void this.#load();
  }

  #lookForSession(): void {
    if (this.#left === 'ended' || this.#shown === 'signed out') void this.#keeper.lookAgain();
  }

  #goesOn(session: Session): void {
    this.#left = undefined;
    const { personId, agencyId } = this.session;
    if (session.personId !== personId || session.agencyId !== agencyId) {
      // What one person typed is not for another.
      this.#dropping = true;
      location.replace('/');
      return;
    }
    this.session = session;
    this.names.ownCaseload = hasOwnCaseload(this.session);
    void this.#watch();
    if (this.#shown === 'signed out') this.#open();
    else this.update();
  }

  #signedOut(): void {
    this.#freshness.lost();
    // A form that was begun stays in the page, behind a dialog that says how to go on.
    if (this.unsent() && !this.#dropping && this.#shown === 'page') {
      this.#left = 'ended';
      this.update();
      return;
    }
    this.#left = undefined;
    this.#shown = 'signed out';
    this.#opening = undefined;
    this.#page = undefined;
    this.update();
    this.#focusHeading();
  }

  #connected(): void {
    this.#freshness.connected();
    if (this.#everConnected) {
      this.names.forgetAll();
      this.#alertsStale = true;
      this.#page?.concerns?.(undefined);
    }
    this.#everConnected = true;
    this.update();
    void this.#load();
  }

  #fact(fact: WatchResponse): void {
    this.names.forget(fact);
    if (fact.topic.includes('.notifications.')) this.#alertsStale = true;
    const concerned = this.#page?.concerns?.(fact) ?? true;
    if (!concerned && !this.#alertsStale) return;
    if (concerned) this.#freshness.fact(maybeDate(fact.recordedTime));
    if (this.#gathering !== undefined) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      void this.#load();
    }, GATHER_MS);
  }

  async #loadAlerts(): Promise<void> {
    if (!this.#alertsStale || !readsAgency(this.session)) return;
    this.#alertsStale = false;
    try {
      const answer = await notifications.listAlerts({ state: Alert_State.OPEN, pageSize: 50 });
      const known = new Set(this.openAlerts.alerts.map(({ alertId }) => alertId));
      const added = answer.alerts.filter(({ alertId }) => !known.has(alertId));
      if (this.#shown === 'page' && added.length > 0) {
        this.#announcement = added.length === 1
          ? `New alert: ${alertWords(added[0]!.kind)}` : `${added.length} new alerts`;
      }
      this.openAlerts = { count: Number(answer.openCount), alerts: answer.alerts };
    } catch (error) {
      this.#alertsStale = true;
      throw error;
    }
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey ||
        event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element).closest?.('a[href]') as HTMLAnchorElement | null;
    if (!anchor || anchor.target || anchor.hasAttribute('download')) return;
    const url = new URL(anchor.href);
    if (url.origin !== location.origin) return;
    if (anchor.getAttribute('href')!.startsWith('#')) {
      // To a place on this page; the address stays as it is.
      event.preventDefault();
      const target = document.getElementById(url.hash.slice(1));
      target?.focus();
      target?.scrollIntoView();
      return;
    }
    if (!this.partOf(url)) return;
    event.preventDefault();
    this.navigate(url.pathname + url.search);
  }

  #focusHeading(): void {
    window.scrollTo(0, 0);
    const heading = this.root.querySelector('h1');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  }

  #title(): string {
    switch (this.#shown) {
      case 'page':
        return `${this.#page?.hasErrors?.() ? 'Error: ' : ''}${this.#alertCount()}${
          this.#page?.title()} – ${NAME}`;
      case 'signed out': return `You are signed out – ${NAME}`;
      case 'not found': return `${this.#emergency ? 'Not in your caseload' : 'Page not found'} – ${NAME}`;
      case 'not allowed': return `Not for your role – ${NAME}`;
      case 'broken': return `Sorry, there is a problem – ${NAME}`;
      default: return NAME;
    }
  }

  // Seen on a tab in the background.
  #alertCount(): string {
    return this.openAlerts.count > 0 ? `(${this.openAlerts.count}) ` : '';
  }

  #view(): TemplateResult {
    const known = this.session !== undefined && this.#shown !== 'signed out';
    return html`
      <a href="#main-content" class="govuk-skip-link">Skip to main content</a>
      <header>
        <div class="govuk-generic-header app-header">
          <div class="govuk-generic-header__container govuk-width-container app-header__container">
            <div class="govuk-generic-header__logo app-header__logo">
              <a href=${paths.overview()} class="govuk-generic-header__homepage-link">${NAME}</a>
            </div>
            ${known ? html`
              <p class="app-header__who">${this.#who()}</p>
              <form class="app-header__out" method="post" action="/signout">
                <button type="submit" class="app-header__button">Sign out</button>
              </form>` : nothing}
            ${known ? this.#liveView() : nothing}
          </div>
        </div>
        ${known ? menuView(this.session, this.#page?.section, this.openAlerts.count) : nothing}
        ${known && this.session.agencyId === 'demonstration' ? demonstrationView() : nothing}
      </header>
      <div class="govuk-visually-hidden" role="status" id="announcements">${this.#announcement}</div>
      <div class="govuk-width-container">
        <main class="govuk-main-wrapper app-main" id="main-content" tabindex="-1">
          ${this.#shown === 'page' ? this.#freshness.staleView(this.now()) : nothing}
          ${this.#shown === 'page' ? noticeView(this.#notice) : nothing}
          ${this.#mainView()}
        </main>
      </div>
      ${footerView()}
      ${this.#sessionView()}`;
  }

  #sessionView(): TemplateResult | typeof nothing {
    if (this.#left === undefined) return nothing;
    if (this.#left === 'ended') {
      return sessionEnded(this.#comeBack(), () => {
        this.#dropping = true;
        location.assign(this.#comeBack());
      });
    }
    return sessionEnding(this.#left, () => void this.#keeper.stay());
  }

  // To sign in, and back to this page.
  #comeBack(): string {
    return `/signin?to=${encodeURIComponent(location.pathname + location.search)}`;
  }

  // Where the record of this address may be opened that is in nobody's caseload but another's, or not
  // there at all: which of the two, nobody is told.
  get #emergency(): string | undefined {
    if (this.#shown !== 'not found' || !hasOwnCaseload(this.session)) return undefined;
    return emergencyOf(location.pathname);
  }

  get #isLive(): boolean {
    const streams = !this.session || readsAgency(this.session);
    return this.#freshness.isLive(streams, this.#shown === 'not found');
  }

  #who(): string {
    const { personId, roles } = this.session;
    const title = this.names.title(personId) || roles.map(roleWords).join(', ');
    return `${this.names.person(personId)}, ${title}`;
  }

  #liveView(): TemplateResult {
    return readsAgency(this.session)
      ? this.#freshness.liveView(this.#isLive) : this.#freshness.readView(() => this.#readAgain());
  }

  #mainView(): TemplateResult {
    switch (this.#shown) {
      case 'page': return this.#page!.view();
      case 'signed out': return signedOutView(this.#comeBack());
      case 'not allowed': return notAllowedView();
      case 'not found': return notFoundView(hasOwnCaseload(this.session), this.#emergency);
      case 'broken': return brokenView(this.#problem);
      default: return loadingView();
    }
  }
}
