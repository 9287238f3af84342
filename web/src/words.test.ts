import { describe, expect, it } from 'vitest';
import { EventKind } from './generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import { codeWords, EVENT_KINDS, fieldWords, sentenceWords, subjectWords } from './words';

describe('codes', () => {
  it('are read as words', () => {
    expect(codeWords('SMTP_250')).toBe('SMTP 250');
    expect(codeWords('NO_CONTACT')).toBe('No contact');
    expect(codeWords('notice-of-event')).toBe('Notice of event');
    expect(fieldWords('report.became_aware_time')).toBe('became aware time');
  });

  it('on the timeline stand beside ids that stay as they are', () => {
    expect(subjectWords('CHILD_DEATH AREA_AUTHORITY north-shire C-0142'))
      .toBe('Death of a child, Area authority, north-shire, C-0142');
    expect(subjectWords('')).toBe('');
  });

  it('within a sentence leave the sentence whole', () => {
    expect(sentenceWords('POLICE (northshire) has not been told of CHILD_DEATH'))
      .toBe('Police (northshire) has not been told of Death of a child');
  });
});

it('every kind of event has its words', () => {
  const kinds = Object.values(EventKind).filter((kind) => typeof kind === 'number' && kind !== 0);
  expect(EVENT_KINDS.map(({ kind }) => kind)).toEqual(kinds);
  for (const { kind, code } of EVENT_KINDS) expect(EventKind[kind]).toBe(code);
});
