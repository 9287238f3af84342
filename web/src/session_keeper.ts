// How long the session lasts: keeps it while somebody is at the page, says before it ends, and that it
// has ended. Reads by the page itself do not keep it. The server's clock counts, not the browser's.

import type { Session } from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import { isSignedOut } from './errors';
import { toDate } from './time';

export interface SessionCalls {
  // Who is signed in, without keeping the session.
  get(): Promise<Session>;
  keep(): Promise<Session>;
}

export interface SessionListener {
  // It ends in so many milliseconds unless somebody says that they are there.
  ending(leftMs: number): void;
  // It goes on; somebody else's, where a person signed in anew meanwhile.
  goesOn(session: Session): void;
  ended(): void;
}

export interface Clock {
  now(): number;
  // Returns what takes it back.
  after(ms: number, act: () => void): () => void;
}

const BROWSER: Clock = {
  now: () => Date.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

// What is left is told anew so often.
const TELL_MS = 1000;
// A gateway that is away for a moment ends nothing.
const RETRY_MS = 2000;

export class SessionKeeper {
  // When it ends, by this browser's clock, and how long it lasted when it was last kept.
  #expires = 0;
  #lasts = 0;
  #warning = 0;
  #keptAt = 0;
  #keeping = false;
  #ending = false;
  #over = false;
  #stopTimer: () => void = () => {};

  constructor(
    private readonly calls: SessionCalls,
    private readonly listener: SessionListener,
    private readonly clock: Clock = BROWSER,
  ) {}

  // Begins with the session that the page was opened with. A program's token has no limits.
  start(session: Session): void {
    this.#keptAt = this.clock.now();
    this.#take(session);
  }

  // Somebody did something. Keeps the session now and then, not each time; once it is about to end
  // only by stay(), for that somebody sees it then.
  active(): void {
    if (this.#ending || this.#over || this.#lasts === 0) return;
    if (this.clock.now() - this.#keptAt < this.#lasts / 10) return;
    void this.stay();
  }

  async stay(): Promise<void> {
    if (this.#keeping || this.#over) return;
    this.#keeping = true;
    try {
      this.#keptAt = this.clock.now();
      this.#take(await this.calls.keep());
    } catch (error) {
      if (isSignedOut(error)) this.#end();
    } finally {
      this.#keeping = false;
    }
  }

  // Somebody may have signed in again, in another tab.
  async lookAgain(): Promise<void> {
    try {
      this.#take(await this.calls.get());
    } catch (error) {
      if (isSignedOut(error)) this.#end();
      else this.#wait(RETRY_MS, () => void this.lookAgain());
    }
  }

  #take(session: Session): void {
    const back = this.#ending || this.#over;
    this.#over = false;
    this.#ending = false;
    if (!session.expireTime || !session.endTime) return;
    const said = session.saidTime ? toDate(session.saidTime).getTime() : this.clock.now();
    this.#lasts = toDate(session.expireTime).getTime() - said;
    this.#expires = this.clock.now() + this.#lasts;
    this.#warning = Number(session.warning?.seconds ?? 0n) * 1000;
    this.#wait(this.#lasts - this.#warning, () => void this.#warn());
    if (back) this.listener.goesOn(session);
  }

  // Another tab may have kept it: that is asked before anybody is disturbed.
  async #warn(): Promise<void> {
    try {
      const session = await this.calls.get();
      const said = session.saidTime ? toDate(session.saidTime).getTime() : this.clock.now();
      if (session.expireTime
        && toDate(session.expireTime).getTime() - said > this.#warning + TELL_MS) {
        this.#take(session);
        return;
      }
    } catch (error) {
      if (isSignedOut(error)) {
        this.#end();
        return;
      }
    }
    this.#ending = true;
    this.#tell();
  }

  #tell(): void {
    if (!this.#ending) return;
    const left = this.#expires - this.clock.now();
    if (left <= 0) {
      // The server says whether it has ended.
      this.#wait(TELL_MS, () => void this.lookAgain());
      return;
    }
    this.listener.ending(left);
    this.#wait(Math.min(TELL_MS, left), () => this.#tell());
  }

  #end(): void {
    this.#stopTimer();
    this.#ending = false;
    if (this.#over) return;
    this.#over = true;
    this.listener.ended();
  }

  #wait(ms: number, act: () => void): void {
    this.#stopTimer();
    this.#stopTimer = this.clock.after(Math.max(0, ms), act);
  }
}
