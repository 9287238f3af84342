// How fresh the screen is: whether its stream of facts stands, whether what may have been missed has
// been read since, and when what is shown was last known to be true. Nothing is live before that.

import { html, nothing, type TemplateResult } from 'lit-html';
import { behindMs, behindWords, formatClock, formatTime } from '../time';

// How long a page may be without its stream before it says so across its top: a restart of the
// gateway takes less, and text that moves for nothing helps nobody.
export const STALE_MS = 3_000;

// What is being read of the owners, and the oldest fact that it is to show.
export interface Reading {
  readonly begun: Date;
  readonly unshown: Date | undefined;
}

export class Freshness {
  #streaming = false;
  // Facts may have been missed that no reading has made up for yet.
  #missed = true;
  #failed = false;
  #freshAt: Date | undefined;
  // When the oldest fact was recorded that the screen does not show yet, and how far behind the screen
  // was when it last changed.
  #unshown: Date | undefined;
  #behindMs: number | undefined;
  // Since when the screen is not live; undefined while it is.
  #lostAt: Date | undefined;

  // The last moment at which what is shown was known to be true.
  get freshAt(): Date | undefined {
    return this.#freshAt;
  }

  // How long the oldest fact that the last reading shows had waited for it.
  get behindMs(): number | undefined {
    return this.#behindMs;
  }

  connected(): void {
    this.#streaming = true;
  }

  lost(): void {
    this.#streaming = false;
    this.#missed = true;
  }

  // There is something new that the screen is to show.
  fact(recorded: Date | undefined): void {
    this.#unshown ??= recorded;
  }

  // The stream says that nothing has happened, or the owner that there is nothing.
  known(now: Date): void {
    this.#freshAt = now;
  }

  begin(now: Date): Reading {
    const unshown = this.#unshown;
    this.#unshown = undefined;
    return { begun: now, unshown };
  }

  read(reading: Reading): void {
    this.#failed = false;
    this.#freshAt = reading.begun;
    if (this.#streaming) this.#missed = false;
  }

  // What was read is on the screen.
  drawn(reading: Reading, now: Date): void {
    this.#behindMs = behindMs(reading.begun, reading.unshown, now);
  }

  notRead(reading: Reading): void {
    this.#unshown = reading.unshown ?? this.#unshown;
  }

  // What is shown may be old, and what is new could not be read.
  failed(): void {
    this.#failed = true;
  }

  // `streams`: the screen hears of facts; otherwise it is as good as its last reading. `empty`: it
  // shows nothing that could have gone stale.
  isLive(streams: boolean, empty: boolean): boolean {
    if (!streams) return !this.#failed;
    return this.#streaming && (!this.#missed || empty) && !this.#failed;
  }

  // To be told before each drawing.
  look(live: boolean, now: Date): void {
    if (live) this.#lostAt = undefined;
    else this.#lostAt ??= now;
  }

  // Long enough not live for those who look at the figures and not at the mark.
  isStale(now: Date): boolean {
    return this.#freshAt !== undefined && this.#lostAt !== undefined &&
      now.getTime() - this.#lostAt.getTime() >= STALE_MS;
  }

  liveView(live: boolean): TemplateResult {
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
  readView(readAgain: () => void): TemplateResult {
    const since = this.#freshAt && formatClock(this.#freshAt);
    return html`
      <p class="app-fresh" id="live" data-live=${this.#failed ? 'false' : 'read'}>${
        this.#failed ? 'Not connected. ' : nothing}${since ? `As at ${since}` : nothing}</p>
      <button type="button" class="app-header__button" @click=${readAgain}>Read
        again</button>`;
  }

  staleView(now: Date): TemplateResult | typeof nothing {
    if (!this.#freshAt || !this.isStale(now)) return nothing;
    return html`
      <div class="govuk-inset-text govuk-!-margin-top-0 app-stale" data-testid="stale">
        <strong>Not connected. This page is as of ${formatTime(this.#freshAt)}</strong>: what has
        happened since is missing. It catches up by itself once Fosterwatch can be reached again.
      </div>`;
  }
}
