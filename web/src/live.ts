// The stream of facts, kept open: reconnects with back-off, and knows when it has fallen silent.

import {
  WatchResponse_Kind, type WatchResponse,
} from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import { isSignedOut } from './errors';

export interface LiveListener {
  // The stream stands; anything may have happened before it did.
  connected(): void;
  fact(fact: WatchResponse): void;
  // Something arrived, a ping at least.
  heard(): void;
  lost(): void;
  signedOut(): void;
}

export interface LiveOptions {
  // Pings come every 15 seconds.
  silenceMs: number;
  backoffMs: readonly number[];
}

const DEFAULTS: LiveOptions = {
  silenceMs: 40_000,
  backoffMs: [250, 500, 1000, 2000, 4000, 8000, 10_000],
};

export class LiveFeed {
  #stopped = false;
  #failures = 0;
  // Nudged since the attempt under way began or last heard: should it fail, the next follows at once.
  #nudged = false;
  #wake: (() => void) | undefined;
  #attempt: AbortController | undefined;

  constructor(
    private readonly open: (signal: AbortSignal) => AsyncIterable<WatchResponse>,
    private readonly listener: LiveListener,
    private readonly options: LiveOptions = DEFAULTS,
  ) {}

  // Runs until stop() is called or the session has ended.
  async run(): Promise<void> {
    while (!this.#stopped) {
      const ended = await this.#watchOnce();
      if (ended || this.#stopped) return;
      this.listener.lost();
      await this.#pause();
    }
  }

  // Try now: the network is back, or the page is looked at again.
  nudge(): void {
    this.#failures = 0;
    this.#nudged = true;
    this.#wake?.();
  }

  // The network is gone; whether the stream has noticed does not matter.
  drop(): void {
    this.#attempt?.abort();
  }

  stop(): void {
    this.#stopped = true;
    this.#attempt?.abort();
    this.#wake?.();
  }

  async #watchOnce(): Promise<boolean> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#nudged = false;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const expectMore = () => {
      clearTimeout(silence);
      silence = setTimeout(() => attempt.abort(), this.options.silenceMs);
    };
    expectMore();
    try {
      for await (const message of this.open(attempt.signal)) {
        if (this.#stopped) return true;
        expectMore();
        this.#failures = 0;
        this.#nudged = false;
        this.listener.heard();
        if (message.kind === WatchResponse_Kind.HELLO) this.listener.connected();
        if (message.kind === WatchResponse_Kind.FACT) this.listener.fact(message);
      }
    } catch (error) {
      if (isSignedOut(error)) {
        this.listener.signedOut();
        return true;
      }
    } finally {
      clearTimeout(silence);
      attempt.abort();
    }
    return false;
  }

  async #pause(): Promise<void> {
    if (this.#nudged) return;
    const steps = this.options.backoffMs;
    const step = steps[Math.min(this.#failures, steps.length - 1)] ?? 0;
    this.#failures += 1;
    await new Promise<void>((resolve) => {
      // Screens that lost the server together do not come back together.
      const timer = setTimeout(resolve, step * (0.5 + Math.random() / 2));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
