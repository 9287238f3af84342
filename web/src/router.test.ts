import { describe, expect, it } from 'vitest';
import { emergencyOf, match, paths, type Params } from './router';

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

  it('opens in an emergency the household of a carer or of a child, and no other record', () => {
    expect(emergencyOf('/carers/F-1')).toBe('/carers/emergency?carer=F-1');
    expect(emergencyOf('/carers/F-1/visit')).toBe('/carers/emergency?carer=F-1');
    expect(emergencyOf('/children/C%2F1')).toBe('/carers/emergency?child=C%2F1');
    for (const path of ['/', '/carers', '/events/e1', '/nowhere/F-1']) {
      expect(emergencyOf(path)).toBeUndefined();
    }
  });

  it('does not stumble over a broken escape', () => {
    expect(at('/events/%E0%A4%A')).toBe('event %E0%A4%A');
  });
});
