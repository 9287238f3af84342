import { describe, expect, it } from 'vitest';
import { EventKind } from './generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import { Alert_Kind } from './generated/fosterwatch/notifications/v1/notification_pb';
import { Role } from './generated/fosterwatch/options/v1/options_pb';
import {
  alertWhy, alertWords, attentionWords, codeWords, EVENT_KINDS, fieldWords, roleWords, rungWords,
  sentenceWords, subjectWords, unusualFindingWords,
} from './words';

describe('an unusual look at records', () => {
  it('says what and in which hour, also of a rule that is new', () => {
    const when = (moment: Date) => moment.toISOString().slice(11, 16);
    expect(unusualFindingWords('MANY_REFUSALS 2026-11-22T14:00:00Z', when))
      .toBe('Refused again and again, in the hour from 14:00');
    expect(unusualFindingWords('NEW_RULE 2026-11-22T14:00:00Z', when))
      .toBe('New rule, in the hour from 14:00');
    expect(unusualFindingWords('MANY_RECORDS', when)).toBe('Many records opened');
  });
});

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

it('every role has its words', () => {
  const roles = Object.values(Role).filter((role) => typeof role === 'number' && role !== 0);
  for (const role of roles) expect(roleWords(role as Role)).not.toMatch(/Unknown/);
});

it('every kind of alert has its words and says why', () => {
  const kinds = Object.values(Alert_Kind)
    .filter((kind): kind is Alert_Kind => typeof kind === 'number' && kind !== 0);
  for (const kind of kinds) {
    expect(alertWords(kind)).not.toMatch(/Unknown/);
    expect(alertWhy(kind)).not.toBe('');
  }
});

it('a rung says who is told and how far the alert has climbed', () => {
  expect(rungWords({ roles: [Role.REGISTERED_MANAGER], rung: 0 })).toBe('Registered manager');
  expect(rungWords({ roles: [Role.DEPUTY_MANAGER], rung: 1 }))
    .toBe('Deputy manager (climbed once)');
  expect(rungWords({
    roles: [Role.REGISTERED_MANAGER, Role.DEPUTY_MANAGER, Role.RESPONSIBLE_INDIVIDUAL], rung: 5,
  })).toBe('Registered manager, deputy manager and responsible individual (climbed 5 times)');
  expect(rungWords({ roles: [], rung: 2 }))
    .toBe('Registered manager and team manager (climbed twice)');
});

it('an alert about a figure says which one, one about a person’s record does not', () => {
  expect(attentionWords({ reasonCode: 'KPI_RED', inRegister: 'kpis', recordId: 'ED2' })).toBe('The figure is red: ED2');
  expect(attentionWords({ reasonCode: 'REVIEW_OVERDUE', inRegister: 'carers', recordId: 'F-0001' }))
    .toBe('Review overdue');
  expect(attentionWords({ reasonCode: 'EMERGENCY_ACCESS', inRegister: 'carers', recordId: 'F-0001' }))
    .toBe('A household was opened in an emergency');
});
