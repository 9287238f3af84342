import { describe, expect, it } from 'vitest';
import { Freshness, STALE_MS } from './freshness';

const at = (ms: number) => new Date(Date.UTC(2026, 10, 23, 12, 0, 0, ms));

describe('Freshness', () => {
  it('is live once the stream stands and what may have been missed was read', () => {
    const freshness = new Freshness();
    expect(freshness.isLive(true, false)).toBe(false);
    freshness.read(freshness.begin(at(0)));
    expect(freshness.isLive(true, false)).toBe(false);
    freshness.connected();
    expect(freshness.isLive(true, false)).toBe(false);
    freshness.read(freshness.begin(at(1)));
    expect(freshness.isLive(true, false)).toBe(true);
  });

  it('is not live after the stream was lost, nor when it is back, before all is read again', () => {
    const freshness = new Freshness();
    freshness.connected();
    freshness.read(freshness.begin(at(0)));
    freshness.lost();
    expect(freshness.isLive(true, false)).toBe(false);
    freshness.connected();
    expect(freshness.isLive(true, false)).toBe(false);
    // A page that is not there has nothing that could have gone stale.
    expect(freshness.isLive(true, true)).toBe(true);
  });

  it('is not live while reading fails, with a stream or without', () => {
    const freshness = new Freshness();
    freshness.connected();
    freshness.read(freshness.begin(at(0)));
    freshness.failed();
    expect(freshness.isLive(true, false)).toBe(false);
    expect(freshness.isLive(false, false)).toBe(false);
    freshness.read(freshness.begin(at(1)));
    expect(freshness.isLive(true, false)).toBe(true);
    expect(freshness.isLive(false, false)).toBe(true);
  });

  it('says how far behind the oldest fact was that a reading shows, also after one that failed', () => {
    const freshness = new Freshness();
    freshness.connected();
    freshness.fact(at(0));
    freshness.fact(at(400));
    freshness.notRead(freshness.begin(at(500)));
    const reading = freshness.begin(at(1000));
    freshness.read(reading);
    freshness.drawn(reading, at(1500));
    expect(freshness.freshAt).toEqual(at(1000));
    expect(freshness.behindMs).toBe(1500);
    const next = freshness.begin(at(2000));
    freshness.read(next);
    freshness.drawn(next, at(2100));
    expect(freshness.behindMs).toBe(100);
  });

  it('says across the page that it is old only after a while', () => {
    const freshness = new Freshness();
    freshness.connected();
    freshness.read(freshness.begin(at(0)));
    freshness.lost();
    freshness.look(false, at(0));
    expect(freshness.isStale(at(STALE_MS - 1))).toBe(false);
    freshness.look(false, at(STALE_MS));
    expect(freshness.isStale(at(STALE_MS))).toBe(true);
    freshness.look(true, at(STALE_MS));
    expect(freshness.isStale(at(2 * STALE_MS))).toBe(false);
  });
});
