import { describe, expect, it } from 'vitest';
import { match, paths, type Params } from './router';

const routes = [
  { pattern: '/', make: () => 'overview' },
  { pattern: '/events', make: (_: Params, query: URLSearchParams) => `events ${query}` },
  { pattern: '/events/:eventId', make: (params: Params) => `event ${params.eventId}` },
];
const at = (path: string) => match(routes, new URL(path, 'http://localhost'))?.();

describe('an address', () => {
  it('leads to its page', () => {
    expect(at('/')).toBe('overview');
    expect(at('/events?state=open')).toBe('events state=open');
    expect(at('/events/0198-ab')).toBe('event 0198-ab');
    expect(at('/events/')).toBe('events ');
  });

  it('leads nowhere where there is no page', () => {
    expect(at('/nowhere')).toBeUndefined();
    expect(at('/events/a/b')).toBeUndefined();
  });

  it('comes back as it was made', () => {
    expect(at(paths.event('a/b %'))).toBe('event a/b %');
    expect(paths.events({ state: 'open', child: '' })).toBe('/events?state=open');
  });

  it('does not stumble over a broken escape', () => {
    expect(at('/events/%E0%A4%A')).toBe('event %E0%A4%A');
  });
});
