// The words people read for the codes of the contract.

import { Body_Kind } from './generated/fosterwatch/directory/v1/directory_pb';
import { Decision_State } from './generated/fosterwatch/notifiable_events/v1/decision_pb';
import {
  Basis, EventKind, Moment, NotifiableEvent_State, Recipient, SignOff_Stage,
} from './generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import {
  Alert_Kind, Alert_State, Send_Result,
} from './generated/fosterwatch/notifications/v1/notification_pb';
import { Role } from './generated/fosterwatch/options/v1/options_pb';
import { Channel } from './generated/fosterwatch/type/v1/channel_pb';

export interface EventKindWords {
  kind: EventKind;
  // The name in the contract.
  code: string;
  short: string;
  // Column 1 of Schedule 7, in today's words.
  legal: string;
  note?: string;
}

// In the order of Schedule 7; beside it, what other rules ask for.
export const EVENT_KINDS: readonly EventKindWords[] = [
  {
    kind: EventKind.CHILD_DEATH,
    code: 'CHILD_DEATH',
    short: 'Death of a child',
    legal: 'Death of a child placed with foster parents',
  },
  {
    kind: EventKind.DBS_REFERRAL,
    code: 'DBS_REFERRAL',
    short: 'Referral to the DBS',
    legal: 'Information provided to the Disclosure and Barring Service about an individual working '
      + 'for the fostering service',
    note: 'Under sections 35, 36, 39, 41 or 45 of the Safeguarding Vulnerable Groups Act 2006.',
  },
  {
    kind: EventKind.SERIOUS_ILLNESS_ACCIDENT,
    code: 'SERIOUS_ILLNESS_ACCIDENT',
    short: 'Serious illness or accident',
    legal: 'Serious illness or serious accident of a child placed with foster parents',
  },
  {
    kind: EventKind.INFECTIOUS_DISEASE,
    code: 'INFECTIOUS_DISEASE',
    short: 'Infectious disease',
    legal: 'Outbreak at a foster parent’s home of an infectious disease',
    note: 'One that the attending doctor considers serious enough to be notified.',
  },
  {
    kind: EventKind.CHILD_SERIOUS_OFFENCE,
    code: 'CHILD_SERIOUS_OFFENCE',
    short: 'Serious offence alleged',
    legal: 'Allegation that a child placed with foster parents has committed a serious offence',
  },
  {
    kind: EventKind.SEXUAL_EXPLOITATION,
    code: 'SEXUAL_EXPLOITATION',
    short: 'Sexual exploitation',
    legal: 'Involvement or suspected involvement of a child placed with foster parents in sexual '
      + 'exploitation',
  },
  {
    kind: EventKind.POLICE_CALLED_SERIOUS_INCIDENT,
    code: 'POLICE_CALLED_SERIOUS_INCIDENT',
    short: 'Police called to the home',
    legal: 'Serious incident relating to a child placed with foster parents necessitating calling '
      + 'the police to the foster parent’s home',
  },
  {
    kind: EventKind.CHILD_MISSING,
    code: 'CHILD_MISSING',
    short: 'Child missing',
    legal: 'A child placed with foster parents is missing from the placement',
  },
  {
    kind: EventKind.SERIOUS_COMPLAINT,
    code: 'SERIOUS_COMPLAINT',
    short: 'Serious complaint',
    legal: 'Any serious complaint about any foster parent approved by the fostering agency',
  },
  {
    kind: EventKind.CHILD_PROTECTION_ENQUIRY,
    code: 'CHILD_PROTECTION_ENQUIRY',
    short: 'Child protection enquiry',
    legal: 'Instigation and outcome of any child protection enquiry involving a child placed with '
      + 'foster parents',
    note: 'Report that it has begun; record its outcome on the event’s page when it is known.',
  },
  {
    kind: EventKind.MENTAL_HEALTH_CONCERN,
    code: 'MENTAL_HEALTH_CONCERN',
    short: 'Mental health concern',
    legal: 'Serious concern about the emotional or mental health of a child placed with foster '
      + 'parents',
    note: 'Such that an assessment under the Mental Health Act 1983 would be requested. Not in '
      + 'Schedule 7: National Minimum Standard 29.3.',
  },
  {
    kind: EventKind.MANAGER_ABSENCE,
    code: 'MANAGER_ABSENCE',
    short: 'Registered manager absent',
    legal: 'Absence of the registered manager for 28 days or more',
    note: 'Regulation 38. Opened by the absence that the directory records.',
  },
];

// What a person reports; the rest is opened by what other records say.
export const REPORTED_KINDS = EVENT_KINDS.filter(({ kind }) => kind !== EventKind.MANAGER_ABSENCE);

const unknown = (value: number) => `Unknown (${value})`;

// The words of an enum's values; one that this page does not know yet says so.
export const wordsOf = <Value extends number>(words: Partial<Record<Value, string>>) =>
  (value: Value): string => words[value] ?? unknown(value);

export function kindWords(kind: EventKind): string {
  return EVENT_KINDS.find((words) => words.kind === kind)?.short ?? unknown(kind);
}

export const kindsWords = (kinds: readonly EventKind[]) => kinds.map(kindWords).join(' and ');

export function recipientWords(recipient: Recipient): string {
  switch (recipient) {
    case Recipient.CHIEF_INSPECTOR: return 'Chief Inspector (Ofsted)';
    case Recipient.SECRETARY_OF_STATE: return 'Secretary of State';
    case Recipient.RESPONSIBLE_AUTHORITY: return 'Responsible authority';
    case Recipient.AREA_AUTHORITY: return 'Area authority';
    case Recipient.POLICE: return 'Police';
    case Recipient.HEALTH_BODY: return 'Health body';
    case Recipient.DESIGNATED_OFFICER: return 'Designated officer (LADO)';
    default: return unknown(recipient);
  }
}

export function basisWords(basis: Basis): string {
  switch (basis) {
    case Basis.STANDARD: return 'National Minimum Standard';
    case Basis.POLICY: return 'Agency policy';
    default: return 'Statutory';
  }
}

export function channelWords(channel: Channel): string {
  switch (channel) {
    case Channel.EMAIL: return 'Email';
    case Channel.TELEPHONE: return 'Telephone';
    case Channel.ONLINE_FORM: return 'Online form';
    case Channel.WEBHOOK: return 'Own system (webhook)';
    default: return 'Not known';
  }
}

export function momentWords(moment: Moment): string {
  switch (moment) {
    case Moment.ENQUIRY_OUTCOME: return 'Outcome of the enquiry';
    case Moment.CONCLUSION: return 'How it ended';
    default: return 'The event';
  }
}

export function stageWords(stage: SignOff_Stage): string {
  switch (stage) {
    case SignOff_Stage.MANAGER: return 'Manager';
    case SignOff_Stage.REGISTERED_MANAGER: return 'Registered manager';
    default: return unknown(stage);
  }
}

export function stateWords(state: NotifiableEvent_State): string {
  switch (state) {
    case NotifiableEvent_State.OPEN: return 'Open';
    case NotifiableEvent_State.CONCLUDED: return 'Concluded';
    case NotifiableEvent_State.WITHDRAWN: return 'Withdrawn';
    default: return unknown(state);
  }
}

export function decisionStateWords(state: Decision_State): string {
  switch (state) {
    case Decision_State.TO_AGREE: return 'To agree';
    case Decision_State.AGREED: return 'Agreed';
    case Decision_State.REVERSED: return 'Reported after all';
    default: return unknown(state);
  }
}

export function roleWords(role: Role): string {
  switch (role) {
    case Role.CASEWORKER: return 'Caseworker';
    case Role.TEAM_MANAGER: return 'Team manager';
    case Role.DEPUTY_MANAGER: return 'Deputy manager';
    case Role.REGISTERED_MANAGER: return 'Registered manager';
    case Role.RESPONSIBLE_INDIVIDUAL: return 'Responsible individual';
    case Role.PUBLISHER: return 'Caseworker system';
    case Role.SERVICE: return 'Fosterwatch';
    case Role.ADMINISTRATOR: return 'Administrator';
    case Role.SUPERVISING_SOCIAL_WORKER: return 'Supervising social worker';
    default: return unknown(role);
  }
}

export function bodyKindWords(kind: Body_Kind): string {
  switch (kind) {
    case Body_Kind.CHIEF_INSPECTOR: return 'Chief Inspector';
    case Body_Kind.SECRETARY_OF_STATE: return 'Secretary of State';
    case Body_Kind.LOCAL_AUTHORITY: return 'Local authority';
    case Body_Kind.POLICE: return 'Police';
    case Body_Kind.HEALTH_BODY: return 'Health body';
    case Body_Kind.DESIGNATED_OFFICER: return 'Designated officer (LADO)';
    default: return unknown(kind);
  }
}

export function alertWords(kind: Alert_Kind): string {
  switch (kind) {
    case Alert_Kind.EVENT_REPORTED: return 'An event was reported';
    case Alert_Kind.NOTICE_NEEDS_PERSON: return 'Notices wait for a person';
    case Alert_Kind.NOTICE_FAILED: return 'A notice could not be sent';
    case Alert_Kind.INTAKE_RECORD_PARKED: return 'A record from a caseworker system was not taken';
    case Alert_Kind.DUTY_OVERDUE: return 'A duty is overdue';
    case Alert_Kind.DIRECTORY_FINDINGS: return 'Somebody could not be reached';
    case Alert_Kind.REPEAT_TO_DECIDE: return 'A report looks like one made before';
    case Alert_Kind.DIGEST: return 'What is open and can wait';
    case Alert_Kind.ATTENTION: return 'A record needs attention';
    case Alert_Kind.UNUSUAL_ACCESS: return 'Somebody looked at unusually many records';
    default: return unknown(kind);
  }
}

export function alertWhy(kind: Alert_Kind): string {
  switch (kind) {
    case Alert_Kind.EVENT_REPORTED:
      return 'Somebody responsible must know of every notifiable event. Acknowledging says that '
        + 'you do.';
    case Alert_Kind.NOTICE_NEEDS_PERSON:
      return 'These go by an online form or by telephone, or no body could be worked out, so '
        + 'Fosterwatch cannot send them itself. Give them, then record it on the event’s page.';
    case Alert_Kind.NOTICE_FAILED:
      return 'Fosterwatch tried and the recipient’s side did not take it. Give it by another '
        + 'channel, then record it on the event’s page.';
    case Alert_Kind.INTAKE_RECORD_PARKED:
      return 'What the system tried to tell is not in the register. Its record is kept, with the '
        + 'reason; those who look after that system must mend it and send it again.';
    case Alert_Kind.DUTY_OVERDUE:
      return 'What was to be done by a certain time was not. Do it, then record it; the alert ends by '
        + 'itself.';
    case Alert_Kind.DIRECTORY_FINDINGS:
      return 'The check of the directory has found whom nobody could tell if something happened. The '
        + 'directory’s page says what to do.';
    case Alert_Kind.REPEAT_TO_DECIDE:
      return 'A caseworker system has told of it. A person decides whether it is the same event or '
        + 'another one.';
    case Alert_Kind.ATTENTION:
      return 'Something in the record is overdue or cannot wait. See to it on its page; the alert '
        + 'ends by itself.';
    case Alert_Kind.UNUSUAL_ACCESS:
      return 'It may be right. Ask the person why, and acknowledge it with what you found; nobody else '
        + 'is told, least of all that person.';
    case Alert_Kind.DIGEST:
      return 'The mail of the day, about what no law asks for at once.';
    default:
      return '';
  }
}

export function alertStateWords(state: Alert_State): string {
  switch (state) {
    case Alert_State.OPEN: return 'Open';
    case Alert_State.ACKNOWLEDGED: return 'Acknowledged';
    case Alert_State.CLEARED: return 'Cleared';
    default: return unknown(state);
  }
}

// "Registered manager, deputy manager and team manager".
export function rolesWords(roles: readonly Role[]): string {
  const words = roles.map((role, index) => index === 0
    ? roleWords(role) : roleWords(role).toLowerCase());
  return words.length < 2 ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

// Who is told on an alert's rung, and how far it has climbed.
export function rungWords({ roles, rung }: { roles: readonly Role[]; rung: number }): string {
  // Alerts of before there were ladders do not say.
  const who = roles.length > 0 ? rolesWords(roles)
    : rung > 0 ? 'Registered manager and team manager' : 'Registered manager';
  if (rung <= 0) return who;
  return `${who} (climbed ${rung === 1 ? 'once' : rung === 2 ? 'twice' : `${rung} times`})`;
}

export function sendResultWords(result: Send_Result): string {
  switch (result) {
    case Send_Result.SENT: return 'Sent';
    case Send_Result.FAILED: return 'Failed, will be tried again';
    case Send_Result.HANDED_TO_PERSON: return 'Handed to a person';
    case Send_Result.REFUSED: return 'Not sent, will not be tried again';
    default: return unknown(result);
  }
}

// "SMTP_250" as "SMTP 250", "NO_CONTACT" as "No contact", "notice-of-event" as "Notice of event".
export function codeWords(code: string): string {
  const words = code.split(/[_-]/).filter((word) => word !== '');
  return words
    .map((word, index) => {
      if (['SMTP', 'HTTP', 'TLS', 'JSON', 'DBS', 'KPI'].includes(word)) return word;
      const lower = word.toLowerCase();
      return index === 0 ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower;
    })
    .join(' ');
}

function attentionReasonWords(code: string): string {
  switch (code) {
    case 'EMERGENCY_ACCESS': return 'A household was opened in an emergency';
    case 'KPI_RED': return 'The figure is red';
    case 'KPI_DATA_SILENT': return 'The figure has not come';
    case 'KPI_DATA_GAP': return 'A month between others has no figure';
    case 'KPI_DATA_DUPLICATE': return 'Two systems say different things';
    case 'KPI_DATA_REPEATED_MONTH': return 'The same numbers as in the month before';
    case 'KPI_DATA_IMPOSSIBLE_VALUE': return 'A figure that cannot be';
    case 'KPI_DATA_NOTHING_COUNTED': return 'There was nothing to count';
    default: return codeWords(code);
  }
}

// What was found unusual: "MANY_RECORDS 2026-11-22T14:00:00Z", with the moment as `when` says it.
export function unusualFindingWords(finding: string, when: (moment: Date) => string): string {
  const [code = '', hour = ''] = finding.split(' ');
  const moment = new Date(hour);
  const after = Number.isNaN(moment.getTime()) ? '' : `, in the hour from ${when(moment)}`;
  switch (code) {
    case 'MANY_RECORDS': return `Many records opened${after}`;
    case 'OUTSIDE_HOURS': return `Records opened outside office hours${after}`;
    case 'MANY_REFUSALS': return `Refused again and again${after}`;
    default: return `${codeWords(code)}${after}`;
  }
}

// Why a record needs somebody; of a figure, which one.
export const attentionWords = (
  { reasonCode, inRegister, recordId }: { reasonCode: string; inRegister: string; recordId: string },
) => `${attentionReasonWords(reasonCode)}${inRegister === 'kpis' ? `: ${recordId}` : ''}`;

export function reasonWords(code: string): string {
  switch (code) {
    case 'NOTICE_OWED': return 'The notice was owed';
    case 'ALERT_RAISED': return 'The alert was raised';
    case 'ALERT_CLIMBED': return 'Nobody had acknowledged the alert';
    case 'NEXT_CHANNEL': return 'The channel before it had no success';
    case 'RETURNED': return 'What had left came back';
    case 'RETRY': return 'An earlier attempt failed';
    default: return codeWords(code);
  }
}

export function factWords(fact: string): string {
  switch (fact) {
    case 'event_reported': return 'Event reported';
    case 'notices_owed': return 'Notices became owed';
    case 'notice_attempted': return 'Notice attempted';
    case 'notice_given': return 'Notice given';
    case 'notice_returned': return 'Notice came back';
    case 'notice_acknowledged': return 'Notice acknowledged by its recipient';
    case 'signed_off': return 'Signed off';
    case 'enquiry_outcome_recorded': return 'Outcome of the enquiry recorded';
    case 'child_returned': return 'Child’s return recorded';
    case 'event_corrected': return 'Record corrected';
    case 'action_added': return 'Action added';
    case 'action_closed': return 'Action closed';
    case 'event_concluded': return 'Event concluded';
    case 'duty_overdue': return 'A duty passed its due time';
    case 'duty_settled': return 'An overdue duty was settled';
    case 'notice_confirmed_in_writing': return 'Notice confirmed in writing';
    case 'discussion_owed': return 'Discussion became owed';
    case 'discussion_held': return 'Discussed with the social worker';
    case 'outcome_recorded': return 'Outcome recorded';
    case 'report_completed': return 'Provisional report completed';
    case 'due_times_moved': return 'Due times moved earlier';
    case 'repeat_decided': return 'Decided whether it repeats another event';
    case 'repeat_suspected': return 'Looks like another event';
    case 'manager_absence_changed': return 'The absence ended, was called off or became longer';
    case 'event_withdrawn': return 'Event withdrawn';
    case 'evidence_added': return 'Evidence added';
    case 'decision_recorded': return 'Decision not to notify recorded';
    case 'decision_agreed': return 'Decision not to notify agreed';
    case 'decision_reversed': return 'Decision not to notify reversed';
    default: return codeWords(fact);
  }
}

// Names of enum values that facts carry as text.
const CODES: Record<string, string> = {
  CHIEF_INSPECTOR: recipientWords(Recipient.CHIEF_INSPECTOR),
  SECRETARY_OF_STATE: recipientWords(Recipient.SECRETARY_OF_STATE),
  RESPONSIBLE_AUTHORITY: recipientWords(Recipient.RESPONSIBLE_AUTHORITY),
  AREA_AUTHORITY: recipientWords(Recipient.AREA_AUTHORITY),
  POLICE: recipientWords(Recipient.POLICE),
  HEALTH_BODY: recipientWords(Recipient.HEALTH_BODY),
  NOTICE: 'Notice',
  SIGN_OFF: 'Sign-off',
  DISCUSSION: 'Discussion',
  ACTION: 'Action',
  CONCLUSION: 'Conclusion',
  COMPLETION: 'Completion',
  UPDATE_GIVE: 'The regulator is told',
  UPDATE_NOT_NEEDED: 'The regulator needs no update',
  DESIGNATED_OFFICER: recipientWords(Recipient.DESIGNATED_OFFICER),
  MANAGER: stageWords(SignOff_Stage.MANAGER),
  REGISTERED_MANAGER: stageWords(SignOff_Stage.REGISTERED_MANAGER),
  ...Object.fromEntries(EVENT_KINDS.map(({ code, short }) => [code, short])),
};

// What a line of the timeline was about: codes in words, ids as they are.
export function subjectWords(subject: string): string {
  return subject.split(/\s+/).filter((word) => word !== '').map(codeInWords).join(', ');
}

// A sentence with codes in it.
export const sentenceWords = (text: string) => text.split(' ').map(codeInWords).join(' ');

function codeInWords(word: string): string {
  const code = word.replace(/^(RECIPIENT|EVENT_KIND|STAGE|MOMENT)_/, '');
  if (CODES[code]) return CODES[code];
  return /^[A-Z]+(_[A-Z0-9]+)+$/.test(code) ? codeWords(code) : word;
}

export function triggerWords(trigger: string): string {
  switch (trigger) {
    case 'became_aware_time': return 'the agency became aware';
    case 'occurred_time': return 'it happened';
    case 'recorded_time': return 'it was recorded';
    case 'decided_time': return 'it was decided';
    case 'manager_absence.from_time': return 'the absence begins';
    case 'manager_absence.emergency_time': return 'the emergency begins';
    case 'enquiry_outcome.became_aware_time': return 'the agency became aware of the outcome';
    case 'given_time': return 'it was told by telephone';
    case 'outcome.recorded_time': return 'the outcome was recorded';
    case 'outcome_time': return 'the enquiry ended';
    case 'received_time': return 'it was received';
    case 'step_before.done_time': return 'the step before was done';
    case 'stage.clock_start_time': return 'the stage was asked for';
    case 'judged_time': return 'it was judged serious';
    case 'answered_time': return 'the stage was answered';
    case 'request_until_time': return 'the next stage could no longer be asked for';
    case 'closed_time': return 'it was closed';
    case 'reopened_time': return 'it was reopened';
    case 'referred_time': return 'it was referred';
    case 'held_time': return 'the meeting was held';
    case 'started_time': return 'the investigation began';
    case 'concluded_time': return 'the designated officer concluded';
    case 'learning_action_added': return 'the action was added';
    case 'approved_date': return 'the approval began';
    case 'review_date': return 'the review was held';
    case 'issued_date': return 'the agreement was issued';
    case 'visited_time': return 'the visit before was made';
    case 'placed_date': return 'the child was placed';
    case 'done_date': return 'the check before was done';
    case 'effective_from': return 'the agency’s policy began to hold';
    case 'received_date': return 'it was received';
    case 'stage_one_complete_date': return 'all information of stage 1 was there';
    case 'minutes_received_time':
      return 'the decision maker had the recommendation and the minutes';
    case 'review_started_time': return 'the agency’s review began';
    default: return trigger.replaceAll('_', ' ');
  }
}

// "report.became_aware_time" as "became aware time".
export const fieldWords = (path: string) =>
  path.replace(/\[[^\]]*\]/g, '').split('.').pop()!.replaceAll('_', ' ');

// Why a record was not taken.
export function parkedWords(code: string): string {
  switch (code) {
    case 'BEHIND_PARKED': return 'It waits behind an earlier record about the same';
    case 'VERSION_MISSING': return 'An earlier record about the same has not come';
    case 'UNREADABLE':
    case 'MALFORMED_FACT':
    case 'MALFORMED_ENVELOPE':
    case 'MALFORMED_JSON':
    case 'MALFORMED_PROTOBUF':
    case 'NOT_A_CLOUD_EVENT':
    case 'INVALID_ATTRIBUTE':
    case 'UNSUPPORTED_SPEC_VERSION':
      return 'It cannot be read';
    case 'ATTRIBUTE_MISSING':
    case 'REQUIRED':
      return 'Something that is required is missing';
    case 'UNKNOWN_FIELD':
    case 'UNKNOWN_ENUM_VALUE':
    case 'UNKNOWN_EVENT_TYPE':
    case 'WRONG_TYPE':
      return 'It says something that Fosterwatch does not know';
    case 'TOO_LARGE':
    case 'ID_TOO_LONG':
      return 'It is too large';
    case 'SOURCE_NOT_REGISTERED': return 'Its source is not registered to this agency';
    case 'UNKNOWN_CHILD': return 'The child is not known here';
    case 'UNKNOWN_CARER': return 'The carer is not known here';
    case 'REQUEST_ID_REUSED': return 'Another record came under the same id before';
    case 'INTERNAL':
    case 'UNKNOWN':
    case 'DATA_LOSS':
    case 'HANDLER_THREW':
    case 'DECISION_THREW':
      return 'Fosterwatch failed on it: whoever runs it must look';
    case 'OUT_OF_TIME': return 'There was no time for more: try again';
    default: return codeWords(code);
  }
}

// For whom a record was.
export function consumerWords(consumer: string): string {
  switch (consumer) {
    case 'notifiable-events-intake': return 'A report of a caseworker system';
    case 'notifiable-events-references': return 'For the register: children, carers and bodies';
    case 'notifiable-events-deliveries': return 'For the register: what became of notices';
    case 'notifications': return 'For notices and alerts';
    case 'notifications-directory': return 'For alerts: who holds which role';
    case 'kpis': return 'For the figures';
    case 'placements': return 'For children and where they live';
    case 'placements-publishers': return 'A placement of a caseworker system';
    case 'placements-households': return 'For who lives with whom, and inside which terms';
    case 'complaints-references': return 'For complaints: children, carers and people';
    case 'complaints-events':
    case 'complaints-allegations': return 'For complaints that were seen elsewhere';
    case 'complaints-intake': return 'A feedback record';
    case 'allegations-references': return 'For allegations: children, carers and people';
    case 'allegations-disclosures': return 'Harm that was disclosed in a complaint';
    default: return codeWords(consumer);
  }
}

export function serviceWords(service: string): string {
  switch (service) {
    case 'notifiable_events': return 'The register of events';
    case 'notifications': return 'Notices and alerts';
    case 'kpis': return 'The figures';
    case 'placements': return 'Children and where they live';
    case 'complaints': return 'The register of complaints';
    case 'allegations': return 'The register of allegations';
    case 'carers': return 'The register of carers';
    case 'directory': return 'The directory';
    default: return codeWords(service);
  }
}
