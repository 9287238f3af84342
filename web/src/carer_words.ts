// The words people read for the codes of the register of carers.

import {
  Application_State, Decision_Outcome, DecisionAnswer_Kind, Matter, Recommendation_Body,
  ReviewInput_Kind,
} from './generated/fosterwatch/carers/v1/approval_pb';
import {
  Carer_Kind, Carer_Status, UnknownReference_Kind, UnknownReference_Place, type UnknownReference,
} from './generated/fosterwatch/carers/v1/carer_pb';
import {
  CheckKind, DutyBasis, DutyKind, Retention_Basis,
} from './generated/fosterwatch/carers/v1/duties_pb';
import {
  EndReason, FosterParent_Sex, PlacementKind, type Terms,
} from './generated/fosterwatch/carers/v1/register_pb';
import { Ending, TermsBreach_Code } from './generated/fosterwatch/placements/v1/placement_pb';
import { codeWords, wordsOf } from './words';

export const carerKindWords = wordsOf<Carer_Kind>({
  [Carer_Kind.MAINSTREAM]: 'Mainstream',
  [Carer_Kind.CONNECTED]: 'Connected person',
});

export const reviewInputWords = wordsOf<ReviewInput_Kind>({
  [ReviewInput_Kind.COMPLAINT]: 'Complaints',
  [ReviewInput_Kind.ALLEGATION]: 'Allegations',
  [ReviewInput_Kind.NOTIFIABLE_EVENT]: 'Notifiable events',
  [ReviewInput_Kind.VISIT]: 'Visits',
  [ReviewInput_Kind.CHECK]: 'Checks and training',
  [ReviewInput_Kind.PLACEMENT_ENDED]: 'Placements that ended',
  [ReviewInput_Kind.COMMENT_OF_CHILD]: 'Comments of children',
  [ReviewInput_Kind.COMMENT_OF_CARER]: 'Comments of foster carers',
  [ReviewInput_Kind.COMMENT_OF_OTHERS]: 'Comments of others',
});

export const carerStatusWords = wordsOf<Carer_Status>({
  [Carer_Status.UNSPECIFIED]: 'Not approved here',
  [Carer_Status.APPLICANT]: 'Applicant',
  [Carer_Status.APPROVED]: 'Approved',
  [Carer_Status.TEMPORARILY_APPROVED]: 'Temporarily approved',
  [Carer_Status.SUSPENDED]: 'Suspended',
  [Carer_Status.ENDED]: 'Ended',
  [Carer_Status.REFUSED]: 'Refused',
  [Carer_Status.WITHDRAWN]: 'Withdrawn',
});

export const carerDutyWords = wordsOf<DutyKind>({
  [DutyKind.FIRST_REVIEW]: 'First review of approval',
  [DutyKind.ANNUAL_REVIEW]: 'Annual review of approval',
  [DutyKind.AGREEMENT_ISSUE]: 'Foster care agreement issued',
  [DutyKind.AGREEMENT_RETURN]: 'Foster care agreement returned signed',
  [DutyKind.UNANNOUNCED_VISIT]: 'Unannounced visit',
  [DutyKind.SUPERVISION_VISIT]: 'Supervision visit',
  [DutyKind.HOME_SAFETY]: 'Inspection of the home for health and safety',
  [DutyKind.TRAINING_STANDARDS]: 'Training, support and development standards',
  [DutyKind.DBS_RENEWAL]: 'Certificate of the DBS',
  [DutyKind.MEDICAL_RENEWAL]: 'Medical',
  [DutyKind.STAGE_ONE_OUTCOME]: 'Outcome of stage 1 told',
  [DutyKind.PANEL_RECOMMENDATION]: 'Recommendation of the panel',
  [DutyKind.DECISION]: 'Decision of the decision maker',
  [DutyKind.ORAL_NOTICE]: 'Decision told by word of mouth',
  [DutyKind.WRITTEN_NOTICE]: 'Decision told in writing',
  [DutyKind.REVIEW_PAPERS]: 'Papers to the independent review mechanism',
  [DutyKind.REVIEW_TO_PANEL]: 'Report of the review to the panel',
  [DutyKind.REVIEW_DECISION]: 'Decision on what the review found',
  [DutyKind.ENDING_REVIEW]: 'Review of an unplanned ending',
  [DutyKind.TEMPORARY_APPROVAL]: 'Temporary approval decided on',
  [DutyKind.ACTION]: 'An action',
  [DutyKind.ACCESS_REQUEST]: 'Answer to a request to see the records',
});

export const dutyBasisWords = wordsOf<DutyBasis>({
  [DutyBasis.STATUTE]: 'Statutory',
  [DutyBasis.STANDARD]: 'National Minimum Standard',
  [DutyBasis.AGENCY]: 'Agency policy',
});

export const PLACEMENT_KINDS: readonly PlacementKind[] = [
  PlacementKind.SHORT_TERM, PlacementKind.LONG_TERM, PlacementKind.EMERGENCY, PlacementKind.RESPITE,
  PlacementKind.PARENT_AND_CHILD, PlacementKind.REMAND, PlacementKind.CONNECTED,
];

export const placementKindWords = wordsOf<PlacementKind>({
  [PlacementKind.SHORT_TERM]: 'Short term',
  [PlacementKind.LONG_TERM]: 'Long term',
  [PlacementKind.EMERGENCY]: 'Emergency',
  [PlacementKind.RESPITE]: 'Respite',
  [PlacementKind.PARENT_AND_CHILD]: 'Parent and child',
  [PlacementKind.REMAND]: 'Remand',
  [PlacementKind.CONNECTED]: 'Connected person',
});

export const endReasonWords = wordsOf<EndReason>({
  [EndReason.RESIGNATION]: 'Resignation',
  [EndReason.TERMINATION]: 'Termination',
  [EndReason.TEMPORARY_APPROVAL_OVER]: 'Temporary approval over',
  [EndReason.DEATH]: 'Death',
  [EndReason.TAKEN_OVER]: 'As the earlier register says',
});

export const applicationStateWords = wordsOf<Application_State>({
  [Application_State.OPEN]: 'Open',
  [Application_State.APPROVED]: 'Approved',
  [Application_State.REFUSED]: 'Refused',
  [Application_State.WITHDRAWN]: 'Withdrawn',
  [Application_State.STAGE_ONE_NEGATIVE]: 'Ended after stage 1',
});

export const matterWords = wordsOf<Matter>({
  [Matter.APPROVAL]: 'Approval',
  [Matter.REVIEW]: 'Review of approval',
  [Matter.TERMS]: 'Terms of approval',
  [Matter.TERMINATION]: 'Termination of approval',
});

export const bodyWords = wordsOf<Recommendation_Body>({
  [Recommendation_Body.FOSTERING_PANEL]: 'Fostering panel',
  [Recommendation_Body.REVIEW_MECHANISM]: 'Independent review mechanism',
});

export const decisionOutcomeWords = wordsOf<Decision_Outcome>({
  [Decision_Outcome.APPROVED]: 'Approved',
  [Decision_Outcome.CONTINUED]: 'Approval continues',
  [Decision_Outcome.REFUSAL_PROPOSED]: 'Refusal proposed',
  [Decision_Outcome.TERMINATION_PROPOSED]: 'Termination proposed',
  [Decision_Outcome.TERMS_PROPOSED]: 'Other terms proposed',
  [Decision_Outcome.CONFIRMED]: 'What was proposed is confirmed',
  [Decision_Outcome.NOT_PURSUED]: 'What was proposed is not pursued',
});

export const answerWords = wordsOf<DecisionAnswer_Kind>({
  [DecisionAnswer_Kind.AGREED]: 'Agreed in writing',
  [DecisionAnswer_Kind.REPRESENTATIONS]: 'Representations to the agency',
  [DecisionAnswer_Kind.INDEPENDENT_REVIEW]: 'Applied to the independent review mechanism',
});

export const checkWords = wordsOf<CheckKind>({
  [CheckKind.DBS]: 'Certificate of the DBS, enhanced',
  [CheckKind.MEDICAL]: 'Medical',
  [CheckKind.TRAINING_STANDARDS]: 'Training, support and development standards',
});

export const retentionWords = wordsOf<Retention_Basis>({
  [Retention_Basis.CURRENT]: 'Kept: approved, or an application is open',
  [Retention_Basis.APPROVAL_ENDED]: 'Kept since the approval ended',
  [Retention_Basis.APPLICATION_ENDED]: 'Kept since the application ended',
});

export const endingWords = wordsOf<Ending>({
  [Ending.PLANNED]: 'Planned',
  [Ending.UNPLANNED]: 'Not planned',
  [Ending.NOT_COUNTED]: 'Counts as neither',
  [Ending.NOT_SAID]: 'Nobody has said why',
});

export const breachWords = wordsOf<TermsBreach_Code>({
  [TermsBreach_Code.NOT_APPROVED]: 'The carer is not approved',
  [TermsBreach_Code.SUSPENDED]: 'The carer is suspended',
  [TermsBreach_Code.APPROVAL_ENDED]: 'The approval has ended',
  [TermsBreach_Code.TOO_MANY_CHILDREN]: 'More children than the terms allow',
  [TermsBreach_Code.TOO_YOUNG]: 'Younger than the terms allow',
  [TermsBreach_Code.TOO_OLD]: 'Older than the terms allow',
  [TermsBreach_Code.OTHER_KIND]: 'A kind of placement that the terms do not allow',
  [TermsBreach_Code.NOT_THE_NAMED_CHILD]: 'Not a child that the terms name',
  [TermsBreach_Code.OVER_USUAL_LIMIT]: 'More than the usual fostering limit, without an exemption',
});

export const sexWords = wordsOf<FosterParent_Sex>({
  [FosterParent_Sex.FEMALE]: 'Female',
  [FosterParent_Sex.MALE]: 'Male',
});

// "Up to 2 children, aged 5 to 12, short term or respite"
export function termsWords(terms: Terms | undefined): string {
  if (!terms) return 'None on record';
  const kinds = terms.placementKinds.map((kind) => placementKindWords(kind).toLowerCase());
  const ages = terms.minAge === 0 && terms.maxAge === 0 ? 'of any age'
    : `aged ${terms.minAge} to ${terms.maxAge}`;
  return [
    terms.maxChildren === 0 ? 'Up to the usual limit of children'
      : `Up to ${terms.maxChildren} ${terms.maxChildren === 1 ? 'child' : 'children'}`,
    ages,
    ...kinds.length === 0 ? [] : [kinds.join(' or ')],
    ...terms.namedChildIds.length === 0 ? [] : [`only ${terms.namedChildIds.join(', ')}`],
  ].join(', ');
}

// "PLACEMENT_KIND_SHORT_TERM" of a placement, as its list of codes names it.
export const placedAsWords = (kind: string) => kind === '' ? 'Not said' : codeWords(kind);

const placeWords = wordsOf<UnknownReference_Place>({
  [UnknownReference_Place.TEMPORARY_APPROVAL]: 'the temporary approval',
  [UnknownReference_Place.EXEMPTION]: 'an exemption',
  [UnknownReference_Place.VISIT]: 'a visit',
  [UnknownReference_Place.TERMS]: 'the terms of approval',
  [UnknownReference_Place.REVIEW]: 'a review of approval',
});

export const unknownWords = ({ kind, id, place }: UnknownReference): string =>
  `${kind === UnknownReference_Kind.CHILD ? 'The child' : 'The authority'} ${id}, whom ${
    placeWords(place)} names, is not known here.`;
