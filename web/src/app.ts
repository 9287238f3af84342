// The frame around all pages: who is signed in, how fresh the screen is, which page is open. It
// reads a page's data again when a fact arrives, and never says "Live" of a screen that is not.

import { html, nothing, render, type TemplateResult } from 'lit-html';
import { Code } from '@connectrpc/connect';
import { notifications, session as sessionApi, watch } from './api';
import { isSignedOut, toRefusal } from './errors';
import type { Session, WatchResponse } from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import { Alert_State } from './generated/fosterwatch/notifications/v1/notification_pb';
import { LiveFeed } from './live';
import { Names } from './names';
import type { Frame, OpenAlerts, Page } from './page';
import type { Part } from './pages';
import {
  hasOwnCaseload, mayMakePacks, mayOversee, mayReadAccess, mayReadLaw, mayReport, mayRetry, readsAgency,
  readsDirectory,
} from './pages/rights';
import { emergencyOf, match, paths } from './router';
import { SessionKeeper } from './session_keeper';
import { behindMs, behindWords, formatClock, formatTime, maybeDate } from './time';
import { showDialog, sessionEnded, sessionEnding } from './ui/session_dialog';
import { alertWords, roleWords } from './words';

const NAME = 'Fosterwatch';
// Facts come in bursts: one report makes ten.
const GATHER_MS = 50;
// How often "due in 5 minutes" is worked out again.
const TICK_MS = 10_000;
const RETRY_MS = 2_000;
// How long a page may be without its stream before it says so across its top: a restart of the
// gateway takes less, and text that moves for nothing helps nobody.
const STALE_MS = 3_000;

// Whoever hears no stream of facts has the page read again when they come back to it after so long.
const LOOK_AGAIN_MS = 60_000;

const readsRecords = (session: Session) => readsAgency(session) || hasOwnCaseload(session);

const MENU: readonly {
  href: string; text: string; section: string; for: (session: Session) => boolean;
}[] = [
  { href: paths.overview(), text: 'Overview', section: 'overview', for: readsRecords },
  { href: paths.figures(), text: 'Figures', section: 'figures', for: readsAgency },
  { href: paths.events(), text: 'Events', section: 'events', for: readsRecords },
  { href: paths.decisions(), text: 'Not notified', section: 'decisions', for: readsAgency },
  { href: paths.complaints(), text: 'Complaints', section: 'complaints', for: readsAgency },
  { href: paths.allegations(), text: 'Allegations', section: 'allegations', for: readsAgency },
  { href: paths.carers(), text: 'Carers', section: 'carers', for: readsRecords },
  { href: paths.alerts(), text: 'Alerts', section: 'alerts', for: readsAgency },
  { href: paths.sends(), text: 'Delivery log', section: 'sends', for: readsAgency },
  { href: paths.directory(), text: 'Directory', section: 'directory', for: readsDirectory },
  { href: paths.law(), text: 'Who is told', section: 'law', for: mayReadLaw },
  { href: paths.trend(), text: 'Trend', section: 'trend', for: mayOversee },
  { href: paths.packs(), text: 'Packs', section: 'packs', for: mayMakePacks },
  { href: paths.parked(), text: 'Not taken', section: 'parked', for: mayRetry },
  { href: paths.access(), text: 'Access', section: 'access', for: mayReadAccess },
  { href: paths.report(), text: 'Report an event', section: 'report', for: mayReport },
];

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
  #streaming = false;
  // Facts may have been missed that no load has made up for yet.
  #behind = true;
  // The last moment at which what is shown was known to be true.
  #freshAt: Date | undefined;
  // When the oldest fact was recorded that the screen does not show yet, and how far behind the screen
  // was when it last changed.
  #unshown: Date | undefined;
  #behindMs: number | undefined;
  #loadFailed = false;
  // Since when the screen is not live; undefined while it is.
  #lostAt: Date | undefined;
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
        if (this.#isLive && !this.#loadingPage) this.#freshAt = this.now();
      },
      lost: () => {
        this.#streaming = false;
        this.#behind = true;
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
    if (this.#isLive) this.#lostAt = undefined;
    else this.#lostAt ??= this.now();
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
    const begun = this.now();
    const unshown = this.#unshown;
    this.#unshown = undefined;
    try {
      // Who is signed in is named on every page; by their id where the directory is away.
      await Promise.all([
        page.load(), this.#loadAlerts(), this.names.ensureDirectory().catch(() => {}),
      ]);
      if (page !== this.#page) return;
      const first = this.#shown !== 'page';
      this.#shown = 'page';
      this.#loadFailed = false;
      this.#freshAt = begun;
      if (this.#streaming) this.#behind = false;
      void this.#watch();
      this.update();
      this.#behindMs = behindMs(begun, unshown, this.now());
      this.update();
      if (first && moveFocus) this.#focusHeading();
    } catch (error) {
      this.#unshown = unshown ?? this.#unshown;
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
      this.#freshAt = this.now();
      this.#notFound();
      return;
    }
    if (this.#shown !== 'page' && code === Code.PermissionDenied) {
      this.#notFound('not allowed');
      return;
    }
    this.#loadFailed = true;
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
    this.#streaming = false;
    this.#behind = true;
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
    if (readsAgency(this.session) || this.#shown !== 'page' || !this.#freshAt) return;
    if (this.now().getTime() - this.#freshAt.getTime() >= LOOK_AGAIN_MS) this.#readAgain();
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
    this.#streaming = false;
    this.#behind = true;
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
    this.#streaming = true;
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
    if (concerned) this.#unshown ??= maybeDate(fact.recordedTime);
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
        ${known ? this.#menuView() : nothing}
        ${known && this.session.agencyId === 'demonstration' ? html`
          <div class="govuk-width-container">
            <div class="govuk-phase-banner app-demonstration">
              <p class="govuk-phase-banner__content">
                <strong class="govuk-tag govuk-phase-banner__content__tag">Demonstration</strong>
                <span class="govuk-phase-banner__text">Every child, carer, authority and member of
                  staff on these pages is invented.</span>
              </p>
            </div>
          </div>` : nothing}
      </header>
      <div class="govuk-visually-hidden" role="status" id="announcements">${this.#announcement}</div>
      <div class="govuk-width-container">
        <main class="govuk-main-wrapper app-main" id="main-content" tabindex="-1">
          ${this.#staleView()}
          ${this.#noticeView()}
          ${this.#mainView()}
        </main>
      </div>
      <footer class="app-footer">
        <div class="govuk-width-container">
          <p class="govuk-body-s govuk-!-margin-bottom-0">
            ${NAME} works out what Schedule 7 to the Fostering Services (England) Regulations 2011
            requires. Times are Europe/London.
          </p>
        </div>
      </footer>
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
    if (this.session && !readsAgency(this.session)) return !this.#loadFailed;
    // A page that is not there has nothing that could have gone stale.
    const behind = this.#behind && this.#shown !== 'not found';
    return this.#streaming && !behind && !this.#loadFailed;
  }

  #who(): string {
    const { personId, roles } = this.session;
    const title = this.names.title(personId) || roles.map(roleWords).join(', ');
    return `${this.names.person(personId)}, ${title}`;
  }

  #liveView(): TemplateResult {
    if (!readsAgency(this.session)) return this.#readView();
    const live = this.#isLive;
    const since = this.#freshAt && formatTime(this.#freshAt);
    const text = live ? 'Live' : since ? `Not live since ${since}` : 'Connecting';
    return html`
      <p class="app-live ${live ? 'app-live--on' : 'app-live--off'}" role="status" id="live"
        data-live=${live ? 'true' : 'false'}>
        <span class="app-live__mark" aria-hidden="true"></span>${text}
      </p>${live && this.#freshAt ? html`<p class="app-fresh" id="fresh">As at ${
        formatClock(this.#freshAt)}${behindWords(this.#behindMs)}</p>` : nothing}`;
  }

  // For whoever has no stream: of when the page is, and the way to a newer one.
  #readView(): TemplateResult {
    const since = this.#freshAt && formatClock(this.#freshAt);
    return html`
      <p class="app-fresh" id="live" data-live=${this.#loadFailed ? 'false' : 'read'}>${
        this.#loadFailed ? 'Not connected. ' : nothing}${since ? `As at ${since}` : nothing}</p>
      <button type="button" class="app-header__button" @click=${() => this.#readAgain()}>Read
        again</button>`;
  }

  // The live mark tells those who listen; this is for those who look at the figures and not there.
  #staleView(): TemplateResult | typeof nothing {
    if (this.#shown !== 'page' || !this.#freshAt || !this.#lostAt ||
        this.now().getTime() - this.#lostAt.getTime() < STALE_MS) return nothing;
    return html`
      <div class="govuk-inset-text govuk-!-margin-top-0 app-stale" data-testid="stale">
        <strong>Not connected. This page is as of ${formatTime(this.#freshAt)}</strong>: what has
        happened since is missing. It catches up by itself once Fosterwatch can be reached again.
      </div>`;
  }

  #menuView(): TemplateResult {
    const section = this.#page?.section;
    return html`
      <div class="govuk-service-navigation app-menu">
        <div class="govuk-width-container">
          <div class="govuk-service-navigation__container">
            <nav aria-label="Menu" class="govuk-service-navigation__wrapper">
              <ul class="govuk-service-navigation__list">
                ${MENU.filter((item) => item.for(this.session)).map((item) => html`
                  <li class="govuk-service-navigation__item ${item.section === section
                    ? 'govuk-service-navigation__item--active' : ''}">
                    <a class="govuk-service-navigation__link" href=${item.href}
                      aria-current=${item.section === section ? 'true' : nothing}>${item.text}${
                      item.section === 'alerts' ? this.#badge() : nothing}</a>
                  </li>`)}
              </ul>
            </nav>
          </div>
        </div>
      </div>`;
  }

  #badge(): TemplateResult | typeof nothing {
    const { count } = this.openAlerts;
    if (count === 0) return nothing;
    return html` <span class="moj-notification-badge"><span aria-hidden="true">${count > 99
      ? '99+' : count}</span><span class="govuk-visually-hidden">(${count} open)</span></span>`;
  }

  #noticeView(): TemplateResult | typeof nothing {
    if (!this.#notice || this.#shown !== 'page') return nothing;
    return html`
      <div class="govuk-notification-banner govuk-notification-banner--success" role="alert"
        aria-labelledby="notice-title">
        <div class="govuk-notification-banner__header">
          <h2 class="govuk-notification-banner__title" id="notice-title">Success</h2>
        </div>
        <div class="govuk-notification-banner__content">
          <p class="govuk-notification-banner__heading">${this.#notice}</p>
        </div>
      </div>`;
  }

  #mainView(): TemplateResult {
    switch (this.#shown) {
      case 'page':
        return this.#page!.view();
      case 'signed out':
        return html`
          <h1 class="govuk-heading-l">You are signed out</h1>
          <a class="govuk-button" href=${this.#comeBack()} draggable="false">Sign in</a>
          <p class="govuk-body">Whoever runs Fosterwatch makes new ones with
            <code class="app-code">fosterwatch links</code>.</p>`;
      case 'not allowed':
        return html`
          <h1 class="govuk-heading-l">Your role does not open this page</h1>
          <p class="govuk-body">Nothing is wrong with it. What you may use is in the menu; whoever keeps
            the directory says who holds which role.</p>`;
      case 'not found':
        return this.#emergency ? html`
          <h1 class="govuk-heading-l">Not in your caseload, or not recorded</h1>
          <p class="govuk-body">You see the households that you supervise, and who lives there. This
            record is of somebody else, or there is none of that number.</p>
          <p class="govuk-body">If you have to see it now and cannot wait for a manager, you can open the
            household yourself. The registered manager is told at once.</p>
          <a class="govuk-button govuk-button--warning" href=${this.#emergency} draggable="false">Open it
            in an emergency</a>
          <p class="govuk-body"><a class="govuk-link" href=${paths.overview()}>Go to your
            households</a></p>` : html`
          <h1 class="govuk-heading-l">Page not found</h1>
          <p class="govuk-body">If you followed a link, what it led to may ${hasOwnCaseload(this.session)
            ? 'not be in your caseload' : 'belong to another agency'} or not be recorded here.</p>
          <p class="govuk-body"><a class="govuk-link" href=${paths.overview()}>Go to the
            overview</a></p>`;
      case 'broken':
        return html`
          <h1 class="govuk-heading-l">Sorry, there is a problem</h1>
          <p class="govuk-body">${this.#problem}. This page tries again by itself.</p>`;
      default:
        return html`<h1 class="govuk-heading-l app-empty">Loading…</h1>`;
    }
  }
}
