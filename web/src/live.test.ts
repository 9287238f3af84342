import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import {
  WatchResponse_Kind, WatchResponseSchema, type WatchResponse,
} from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import { LiveFeed } from './live';

const message = (kind: WatchResponse_Kind, factId = '') =>
  create(WatchResponseSchema, { kind, factId });

// Plays each script once, then hands over to `after`.
function play(
  scripts: (() => AsyncIterable<WatchResponse>)[],
  options = { silenceMs: 10_000, backoffMs: [1] },
) {
  const seen: string[] = [];
  let turn = 0;
  const feed: LiveFeed = new LiveFeed(
    () => {
      const script = scripts[turn++];
      if (script) return script();
      feed.stop();
      return (async function* none() {})();
    },
    {
      connected: () => seen.push('connected'),
      fact: (fact) => seen.push(`fact ${fact.factId}`),
      heard: () => {},
      lost: () => seen.push('lost'),
      signedOut: () => seen.push('signed out'),
    },
    options,
  );
  return { feed, seen };
}

describe('the live feed', () => {
  it('passes facts on and says when it stands and when it is lost', async () => {
    const { feed, seen } = play([
      async function* () {
        yield message(WatchResponse_Kind.HELLO);
        yield message(WatchResponse_Kind.PING);
        yield message(WatchResponse_Kind.FACT, '1');
      },
      async function* () {
        throw new ConnectError('gone', Code.Unavailable);
      },
      async function* () {
        yield message(WatchResponse_Kind.HELLO);
      },
    ]);
    await feed.run();
    expect(seen).toEqual(['connected', 'fact 1', 'lost', 'lost', 'connected', 'lost']);
  });

  it('ends when the session has ended', async () => {
    const { feed, seen } = play([
      async function* () {
        throw new ConnectError('no session', Code.Unauthenticated);
      },
    ]);
    await feed.run();
    expect(seen).toEqual(['signed out']);
  });

  it('takes silence for a loss', async () => {
    const seen: string[] = [];
    let turn = 0;
    const feed: LiveFeed = new LiveFeed(
      async function* (signal) {
        if (++turn > 1) {
          feed.stop();
          return;
        }
        yield message(WatchResponse_Kind.HELLO);
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
      {
        connected: () => seen.push('connected'),
        fact: () => {},
        heard: () => {},
        lost: () => seen.push('lost'),
        signedOut: () => {},
      },
      { silenceMs: 5, backoffMs: [1] },
    );
    await feed.run();
    expect(seen).toEqual(['connected', 'lost']);
  });

  it('does not pause after an attempt during which the network came back', async () => {
    const { feed, seen } = play([
      async function* () {
        feed.nudge();
        throw new ConnectError('begun while it was away', Code.Unavailable);
      },
      async function* () {
        yield message(WatchResponse_Kind.HELLO);
        feed.stop();
      },
    ], { silenceMs: 10_000, backoffMs: [3_600_000] });
    await feed.run();
    expect(seen).toEqual(['lost', 'connected']);
  });
});
