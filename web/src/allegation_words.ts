// The words people read for the codes of the register of allegations.

import {
  Allegation_State, Ground, Informant, Investigation_Kind, Link_Kind, Outcome,
} from './generated/fosterwatch/allegations/v1/allegation_pb';
import { codeWords, wordsOf } from './words';

export const allegationStateWords = wordsOf<Allegation_State>({
  [Allegation_State.RECEIVED]: 'Received',
  [Allegation_State.REFERRED]: 'Referred',
  [Allegation_State.STRATEGY]: 'Strategy',
  [Allegation_State.INVESTIGATION]: 'Investigation',
  [Allegation_State.OFFICER_CONCLUDED]: 'Officer concluded',
  [Allegation_State.AGENCY_REVIEW]: 'Agency review',
  [Allegation_State.CLOSED]: 'Closed',
});

export const GROUNDS: readonly Ground[] = [
  Ground.HARM, Ground.OFFENCE, Ground.UNSUITABLE, Ground.TRANSFERABLE_RISK,
];

export const groundWords = wordsOf<Ground>({
  [Ground.HARM]: 'Has harmed a child, or may have',
  [Ground.OFFENCE]: 'May have committed an offence against or related to a child',
  [Ground.UNSUITABLE]: 'Behaved in a way that may mean unsuitable to work with children',
  [Ground.TRANSFERABLE_RISK]: 'Behaved elsewhere in a way that may be a risk to children',
});

export const INFORMANTS: readonly Informant[] = [
  Informant.CHILD, Informant.CARER, Informant.PARENT, Informant.STAFF, Informant.PROFESSIONAL,
  Informant.POLICE, Informant.DESIGNATED_OFFICER, Informant.ANONYMOUS, Informant.OTHER,
];

export const informantWords = wordsOf<Informant>({
  [Informant.CHILD]: 'A child',
  [Informant.CARER]: 'A carer',
  [Informant.PARENT]: 'A parent',
  [Informant.STAFF]: 'A member of staff',
  [Informant.PROFESSIONAL]: 'Another professional',
  [Informant.POLICE]: 'The police',
  [Informant.DESIGNATED_OFFICER]: 'The designated officer',
  [Informant.ANONYMOUS]: 'Somebody who gave no name',
  [Informant.COMPLAINT]: 'A complaint in which harm was disclosed',
  [Informant.OTHER]: 'Somebody else',
});

export const OUTCOMES: readonly Outcome[] = [
  Outcome.SUBSTANTIATED, Outcome.UNSUBSTANTIATED, Outcome.FALSE, Outcome.MALICIOUS,
  Outcome.UNFOUNDED,
];

export const outcomeWords = wordsOf<Outcome>({
  [Outcome.SUBSTANTIATED]: 'Substantiated',
  [Outcome.UNSUBSTANTIATED]: 'Unsubstantiated',
  [Outcome.FALSE]: 'False',
  [Outcome.MALICIOUS]: 'Malicious',
  [Outcome.UNFOUNDED]: 'Unfounded',
});

export const outcomeHint = wordsOf<Outcome>({
  [Outcome.SUBSTANTIATED]: 'There is sufficient evidence to prove it.',
  [Outcome.UNSUBSTANTIATED]:
    'There is not sufficient evidence either way; it says nothing of guilt or innocence.',
  [Outcome.FALSE]: 'There is sufficient evidence to disprove it.',
  [Outcome.MALICIOUS]: 'It is disproved, and there was a deliberate act to deceive.',
  [Outcome.UNFOUNDED]: 'There is no evidence or proper basis: a misinterpretation or a mistake.',
});

export const INVESTIGATIONS: readonly Investigation_Kind[] = [
  Investigation_Kind.CHILD_PROTECTION_ENQUIRY, Investigation_Kind.POLICE, Investigation_Kind.AGENCY,
];

export const investigationWords = wordsOf<Investigation_Kind>({
  [Investigation_Kind.CHILD_PROTECTION_ENQUIRY]:
    'Child protection enquiry (section 47, Children Act 1989)',
  [Investigation_Kind.POLICE]: 'Police investigation',
  [Investigation_Kind.AGENCY]: 'The agency’s own investigation',
});

export const LINKS: readonly Link_Kind[] = [
  Link_Kind.EVENT, Link_Kind.COMPLAINT, Link_Kind.CARER_REVIEW, Link_Kind.PLACEMENT,
];

export const linkKindWords = wordsOf<Link_Kind>({
  [Link_Kind.EVENT]: 'Notifiable event',
  [Link_Kind.COMPLAINT]: 'Complaint',
  [Link_Kind.CARER_REVIEW]: 'Review of the carer’s approval',
  [Link_Kind.PLACEMENT]: 'Placement of the child',
});

export function allegationDutyWords(code: string): string {
  switch (code) {
    case 'REFERRAL': return 'Refer it to the designated officer';
    case 'STRATEGY': return 'Hold the strategy meeting';
    case 'INVESTIGATION': return 'Begin the investigation';
    case 'OFFICER_CONCLUSION': return 'Obtain the designated officer’s conclusion';
    case 'REVIEW_START': return 'Begin the agency’s review';
    case 'CLOSURE': return 'Close the allegation';
    default: return codeWords(code);
  }
}

export function partyWords(party: string): string {
  switch (party) {
    case 'SUBJECT': return 'Whom it is about';
    case 'CHILD': return 'The child';
    case 'RESPONSIBLE_AUTHORITY': return 'The responsible authority';
    default: return codeWords(party);
  }
}

export function allegationFactWords(fact: string): string {
  switch (fact) {
    case 'allegation_received': return 'Allegation received';
    case 'allegation_amended': return 'Added to';
    case 'allegation_linked': return 'Linked to another record';
    case 'allegation_referred': return 'Referred to the designated officer';
    case 'strategy_meeting_held': return 'Strategy meeting held';
    case 'investigation_started': return 'Investigation began';
    case 'officer_concluded': return 'The designated officer concluded';
    case 'checklist_opened': return 'The follow-up checklist opened';
    case 'agency_review_started': return 'The agency’s review began';
    case 'checklist_item_closed': return 'Item of the checklist closed';
    case 'checklist_item_assigned': return 'Item of the checklist given to somebody else';
    case 'checklist_item_added': return 'Item of the checklist added';
    case 'outcome_told': return 'Outcome told';
    case 'learning_recorded': return 'Learning recorded';
    case 'allegation_closed': return 'Allegation closed';
    case 'allegation_reopened': return 'Allegation reopened';
    case 'allegation_due_times_moved': return 'Due times worked out anew';
    case 'attention_needed': return 'Something passed its due time, or needs attention';
    case 'attention_settled': return 'That was seen to';
    default: return codeWords(fact);
  }
}
