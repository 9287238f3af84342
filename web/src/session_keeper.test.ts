import { expect, test } from 'vitest';
import { Code, ConnectError } from '@connectrpc/connect';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  SessionSchema, type Session,
} from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import { SessionKeeper, type Clock } from './session_keeper';

const MINUTE = 60_000;
// The server's clock is an hour ahead of the browser's.
const AHEAD = 60 * MINUTE;

class World implements Clock {
  at = 1_000_000;
  said: string[] = [];
  expires = 0;
  kept = 0;
  asked = 0;
  failure: unknown;
  #timers: { at: number; act: () => void }[] = [];
  readonly keeper = new SessionKeeper(
    {
      get: async () => {
        this.asked += 1;
        return this.#answer();
      },
      keep: async () => {
        this.kept += 1;
        if (this.at < this.expires) this.expires = this.at + 30 * MINUTE;
        return this.#answer();
      },
    },
    {
      ending: (left) => this.said.push(`ending in ${Math.ceil(left / 1000)}`),
      goesOn: ({ personId }) => this.said.push(`goes on as ${personId}`),
      ended: () => this.said.push('ended'),
    },
    this,
  );

  now(): number {
    return this.at;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.at + ms, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  begin(): void {
    this.expires = this.at + 30 * MINUTE;
    this.keeper.start(this.#session());
  }

  async pass(ms: number): Promise<void> {
    const until = this.at + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.at = Math.max(this.at, next.at);
      next.act();
      await settled();
    }
    this.at = until;
  }

  #session(): Session {
    return create(SessionSchema, {
      personId: 'anna',
      saidTime: timestampFromMs(this.at + AHEAD),
      expireTime: timestampFromMs(this.expires + AHEAD),
      endTime: timestampFromMs(this.at + AHEAD + 12 * 60 * MINUTE),
      warning: { seconds: 120n, nanos: 0 },
    });
  }

  #answer(): Session {
    if (this.failure) throw this.failure;
    if (this.at >= this.expires) throw new ConnectError('', Code.Unauthenticated);
    return this.#session();
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test('nothing is said until two minutes before the end, and then how much is left', async () => {
  const world = new World();
  world.begin();
  await world.pass(28 * MINUTE - 1);
  expect(world.said).toEqual([]);
  await world.pass(2000);
  expect(world.said).toEqual(['ending in 120', 'ending in 119']);
  await world.pass(3 * MINUTE);
  expect(world.said.at(-1)).toBe('ended');
  expect(world.said.filter((text) => text === 'ended')).toHaveLength(1);
});

test('whoever does something keeps the session, not at every key', async () => {
  const world = new World();
  world.begin();
  world.keeper.active();
  expect(world.kept).toBe(0);
  for (let i = 0; i < 60; ++i) {
    await world.pass(MINUTE);
    world.keeper.active();
    world.keeper.active();
    await settled();
  }
  expect(world.said).toEqual([]);
  expect(world.kept).toBeGreaterThan(10);
  expect(world.kept).toBeLessThan(25);
});

test('once it is said that it ends, only saying so keeps it', async () => {
  const world = new World();
  world.begin();
  await world.pass(28 * MINUTE + 500);
  world.keeper.active();
  await settled();
  expect(world.kept).toBe(0);
  await world.keeper.stay();
  expect(world.said.at(-1)).toBe('goes on as anna');
  await world.pass(27 * MINUTE);
  expect(world.said.at(-1)).toBe('goes on as anna');
});

test('nobody is disturbed where another tab has kept it', async () => {
  const world = new World();
  world.begin();
  await world.pass(20 * MINUTE);
  world.expires = world.at + 30 * MINUTE;
  await world.pass(20 * MINUTE);
  expect(world.asked).toBe(1);
  expect(world.said).toEqual([]);
});

test('a gateway that is away ends nothing, and a new sign-in goes on', async () => {
  const world = new World();
  world.begin();
  await world.pass(28 * MINUTE + 500);
  world.failure = new ConnectError('', Code.Unavailable);
  await world.pass(5 * MINUTE);
  expect(world.said).not.toContain('ended');
  world.failure = undefined;
  await world.pass(MINUTE);
  expect(world.said.at(-1)).toBe('ended');
  world.expires = world.at + 30 * MINUTE;
  await world.keeper.lookAgain();
  expect(world.said.at(-1)).toBe('goes on as anna');
});

test('a token of a program has no such limits', async () => {
  const world = new World();
  world.keeper.start(create(SessionSchema, { personId: 'p', expireTime: timestampFromMs(1) }));
  world.keeper.active();
  await world.pass(100 * MINUTE);
  expect(world.said).toEqual([]);
  expect(world.kept + world.asked).toBe(0);
});
