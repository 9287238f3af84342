// The words people read for the codes of the register of complaints.

import {
  Complaint_State, ComplaintKind, DutyKind, EventProposal_State, GiverKind, PointOutcome, ReceivedBy,
  SubjectKind, type Duty, type Stage,
} from './generated/fosterwatch/complaints/v1/complaint_pb';
import { Sighting_State, SightingSource } from './generated/fosterwatch/complaints/v1/sighting_pb';
import { codeWords, wordsOf } from './words';

export const complaintKindWords = wordsOf<ComplaintKind>({
  [ComplaintKind.COMPLAINT]: 'Complaint',
  [ComplaintKind.REPRESENTATION]: 'Representation',
  [ComplaintKind.COMPLIMENT]: 'Compliment',
});

export const complaintStateWords = wordsOf<Complaint_State>({
  [Complaint_State.OPEN]: 'Open',
  [Complaint_State.CLOSED]: 'Closed',
  [Complaint_State.WITHDRAWN]: 'Withdrawn',
  [Complaint_State.RECLASSIFIED]: 'Went on as an allegation',
  [Complaint_State.RECORDED]: 'Recorded',
});

export const GIVERS: readonly GiverKind[] = [
  GiverKind.CHILD, GiverKind.CARER, GiverKind.PARENT, GiverKind.PROFESSIONAL, GiverKind.STAFF,
  GiverKind.OTHER, GiverKind.ANONYMOUS,
];

export const giverWords = wordsOf<GiverKind>({
  [GiverKind.CHILD]: 'A child',
  [GiverKind.CARER]: 'A foster carer',
  [GiverKind.PARENT]: 'A parent',
  [GiverKind.PROFESSIONAL]: 'A professional, such as a social worker, a teacher or an advocate',
  [GiverKind.STAFF]: 'A member of staff',
  [GiverKind.OTHER]: 'Somebody else',
  [GiverKind.ANONYMOUS]: 'Somebody who gave no name',
});

export const SUBJECTS: readonly SubjectKind[] = [
  SubjectKind.CARER, SubjectKind.STAFF, SubjectKind.SERVICE, SubjectKind.CHILD,
  SubjectKind.AUTHORITY, SubjectKind.OTHER,
];

export const subjectKindWords = wordsOf<SubjectKind>({
  [SubjectKind.CARER]: 'A foster carer',
  [SubjectKind.STAFF]: 'A member of staff',
  [SubjectKind.SERVICE]: 'The agency’s service, and no one person',
  [SubjectKind.CHILD]: 'A child',
  [SubjectKind.AUTHORITY]: 'A local authority',
  [SubjectKind.OTHER]: 'Something else',
});

export const RECEIVED_BY: readonly ReceivedBy[] = [
  ReceivedBy.IN_PERSON, ReceivedBy.TELEPHONE, ReceivedBy.LETTER, ReceivedBy.EMAIL,
  ReceivedBy.ONLINE_FORM, ReceivedBy.VISIT_OR_REVIEW,
];

export const receivedByWords = wordsOf<ReceivedBy>({
  [ReceivedBy.IN_PERSON]: 'In person',
  [ReceivedBy.TELEPHONE]: 'Telephone',
  [ReceivedBy.LETTER]: 'Letter',
  [ReceivedBy.EMAIL]: 'Email',
  [ReceivedBy.ONLINE_FORM]: 'Online form',
  [ReceivedBy.VISIT_OR_REVIEW]: 'At a visit, a review or a consultation',
});

export const POINT_OUTCOMES: readonly PointOutcome[] = [
  PointOutcome.UPHELD, PointOutcome.PARTLY_UPHELD, PointOutcome.NOT_UPHELD,
  PointOutcome.NOT_DETERMINED, PointOutcome.WITHDRAWN,
];

export const pointOutcomeWords = wordsOf<PointOutcome>({
  [PointOutcome.UNSPECIFIED]: 'Not decided yet',
  [PointOutcome.UPHELD]: 'Upheld',
  [PointOutcome.PARTLY_UPHELD]: 'Partly upheld',
  [PointOutcome.NOT_UPHELD]: 'Not upheld',
  [PointOutcome.WITHDRAWN]: 'Withdrawn',
  [PointOutcome.NOT_DETERMINED]: 'Not determined',
});

export const proposalStateWords = wordsOf<EventProposal_State>({
  [EventProposal_State.OPEN]: 'To decide',
  [EventProposal_State.ACCEPTED]: 'Accepted',
  [EventProposal_State.DECLINED]: 'Declined',
  [EventProposal_State.FALLEN_AWAY]: 'Fallen away',
});

export const sightingSourceWords = wordsOf<SightingSource>({
  [SightingSource.EVENT]: 'A notifiable event',
  [SightingSource.ALLEGATION]: 'An allegation',
  [SightingSource.FEEDBACK]: 'A feedback record',
});

export const sightingStateWords = wordsOf<Sighting_State>({
  [Sighting_State.UNMATCHED]: 'Not matched',
  [Sighting_State.MATCHED]: 'Matched',
  [Sighting_State.EXPLAINED]: 'Explained',
});

// "independent_person" of a procedure: "Independent person".
export const independentWords = (partId: string): string =>
  partId.charAt(0).toUpperCase() + partId.slice(1).replaceAll('_', ' ');

// Of a step of a stage, "Panel, stage 3".
export function complaintDutyWords(
  { kind, stageNumber, stepId }: Pick<Duty, 'kind' | 'stageNumber' | 'stepId'>,
  stages: readonly Stage[],
): string {
  const stage = stages.find(({ number }) => number === stageNumber);
  switch (kind) {
    case DutyKind.ACKNOWLEDGEMENT: return 'Acknowledge it';
    case DutyKind.STEP:
      return `${stepWords(stepId)}${stage ? `: ${stage.title.toLowerCase()}` : ''}`;
    case DutyKind.CLOSING: return 'Close it, or go on to the next stage';
    case DutyKind.EVENT_PROPOSAL: return 'Decide on the proposed notifiable event';
    case DutyKind.REOPENED: return 'Answer or close it again';
    case DutyKind.LEARNING_REVIEW: return 'Close the review of what was learnt';
    case DutyKind.OUT_OF_TIME: return 'Decide whether it is taken: it came out of time';
    case DutyKind.PAUSE_REMINDER: return 'Look whether the clock still has to stand still';
    case DutyKind.LEARNING_ACTION: return 'An action from what was learnt';
    default: return `Unknown (${kind})`;
  }
}

export function stepWords(stepId: string): string {
  switch (stepId) {
    case 'answer': return 'Answer';
    case 'response': return 'Respond';
    case 'panel': return 'Panel meets';
    case 'report': return 'Panel reports';
    default: return codeWords(stepId);
  }
}

export function complaintFactWords(fact: string): string {
  switch (fact) {
    case 'complaint_recorded': return 'Recorded';
    case 'complaint_acknowledged': return 'Acknowledged';
    case 'informal_part_allowed': return 'Whom it is about may take part informally';
    case 'step_completed': return 'Step done';
    case 'complaint_closed': return 'Closed';
    case 'complaint_withdrawn': return 'Withdrawn';
    case 'complaint_reopened': return 'Reopened';
    case 'complaint_reclassified': return 'Reclassified';
    case 'seriousness_judged': return 'Judged whether it is serious';
    case 'event_proposed': return 'Notifiable event proposed';
    case 'event_proposal_accepted': return 'Proposed event accepted';
    case 'event_proposal_declined': return 'Proposed event declined';
    case 'learning_review_closed': return 'Review of what was learnt closed';
    case 'found_out_of_time': return 'Found to be out of time';
    case 'out_of_time_decided': return 'Decided whether it is taken, out of time';
    case 'due_times_moved': return 'Due times worked out anew';
    case 'attention_needed': return 'Something passed its due time, or needs attention';
    case 'attention_settled': return 'That was seen to';
    default: return codeWords(fact);
  }
}
