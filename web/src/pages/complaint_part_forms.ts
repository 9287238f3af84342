// What people do with a part of a complaint: a point, a step, a proposed event, what was learnt.

import { html, nothing } from 'lit-html';
import { complaints } from '../api';
import { POINT_OUTCOMES, pointOutcomeWords, stepWords } from '../complaint_words';
import { violationSentence, type FieldViolation } from '../errors';
import { MomentField } from '../forms/moment_field';
import { EnumField, longText, pastMoment, YesNoField } from '../forms/questions';
import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { Frame, Page } from '../page';
import { paths, type ComplaintPartForm } from '../router';
import { link, moment, prose, summaryList, type Content } from '../ui/html';
import { fieldWords } from '../words';
import { closes, complaintQuestionPage, records, works } from './about_complaint';
import { personField } from './picks';
import type { Question } from './question_page';

const reviewOf = (complaint: Complaint | undefined, actionId: string) =>
  complaint?.learningReviews.find(({ actions }) => actions.some((each) => each.actionId === actionId));

const proposalIntro = (proposalId: string) => ({ eventProposals }: Complaint): Content => {
  const proposal = eventProposals.find((each) => each.proposalId === proposalId);
  return proposal ? html`<p class="govuk-body">A serious complaint about a foster carer is notifiable
    (Schedule 7, row 9). The agency became aware ${moment(proposal.becameAwareTime)}.</p>` : nothing;
};

const QUESTIONS: Record<ComplaintPartForm, (partId: string) => Question<Complaint>> = {
  'proposal/accept': (proposalId) => ({
    ...closes,
    heading: 'Accept the proposed notifiable event',
    submit: 'Accept and report the event',
    done: 'Accepted. The notifiable event is being reported; nobody types it again.',
    intro: proposalIntro(proposalId),
    fields: () => {
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why it is notifiable',
        path: 'reason', lines: 3, maxLength: 2000,
      });
      return {
        fields: [reason],
        send: (requestId, complaintId) => complaints.acceptEventProposal({
          requestId, complaintId, proposalId, reason: reason.value.trim(),
        }),
      };
    },
  }),
  'proposal/decline': (proposalId) => ({
    ...closes,
    heading: 'Decline the proposed notifiable event',
    submit: 'Decline',
    done: 'Declined. Nobody outside is notified.',
    intro: proposalIntro(proposalId),
    fields: () => {
      const reason = longText({
        name: 'reason', label: 'Why need nobody be notified?', subject: 'The reason',
        hint: 'An inspector may read it.', required: 'Enter why nobody need be notified',
        path: 'reason', lines: 3, maxLength: 2000,
      });
      return {
        fields: [reason],
        send: (requestId, complaintId) => complaints.declineEventProposal({
          requestId, complaintId, proposalId, reason: reason.value.trim(),
        }),
      };
    },
  }),
  'point/decide': (pointId) => ({
    ...works,
    heading: 'Decide a point of complaint',
    submit: 'Record the outcome',
    done: 'The outcome of the point is recorded.',
    intro: ({ points }) => summaryList([{
      key: 'Point', value: prose(points.find((each) => each.pointId === pointId)?.text ?? ''),
    }]),
    fields: () => {
      const outcome = new EnumField({
        name: 'outcome',
        label: 'What came of it?',
        subject: 'The outcome',
        required: 'Select what came of it',
        path: 'outcome',
        values: POINT_OUTCOMES,
        words: pointOutcomeWords,
      });
      const reason = longText({
        name: 'reason', label: 'Why?', subject: 'The reason', required: 'Enter why', path: 'reason',
        lines: 3, maxLength: 2000,
      });
      return {
        fields: [outcome, reason],
        send: (requestId, complaintId) => complaints.decidePoint({
          requestId, complaintId, pointId, outcome: outcome.chosen, reason: reason.value.trim(),
        }),
      };
    },
  }),
  'step/done': (stepId) => ({
    ...records,
    heading: 'Record a step as done',
    submit: 'Record it as done',
    done: 'The step is recorded.',
    intro: () => summaryList([{ key: 'Step', value: stepWords(stepId) }]),
    fields: (frame) => {
      const when = pastMoment(frame.now(), {
        name: 'when', label: 'When?', subject: 'The time of the step', required: 'Enter when',
        path: 'done_time',
      });
      const note = longText({
        name: 'note', label: 'Note', subject: 'The note', path: 'note', lines: 3, maxLength: 2000,
      });
      return {
        fields: [when, note],
        send: (requestId, complaintId) => complaints.completeStep({
          requestId, complaintId, stepId, doneTime: when.timestamp(), note: note.value.trim(),
        }),
      };
    },
  }),
  'review/learning': (reviewId) => ({
    ...works,
    heading: 'Record what was learnt',
    submit: 'Record the learning',
    done: 'What was learnt is recorded.',
    fields: () => {
      const learning = longText({
        name: 'learning', label: 'What was learnt?', subject: 'What was learnt',
        required: 'Enter what was learnt', path: 'learning',
      });
      const published = longText({
        name: 'published',
        label: 'What of it may be published?',
        subject: 'What may be published',
        hint: 'For the statement of 12 months. It names nobody, and nobody can be told from it.',
        path: 'published_learning',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [learning, published],
        send: (requestId, complaintId) => complaints.recordLearning({
          requestId, complaintId, reviewId, learning: learning.value.trim(),
          publishedLearning: published.value.trim(),
        }),
      };
    },
  }),
  'review/action': (reviewId) => ({
    ...works,
    heading: 'Add an action from what was learnt',
    submit: 'Add the action',
    done: 'The action is added.',
    fields: (frame) => {
      const description = longText({
        name: 'description', label: 'What is to be done?', subject: 'What is to be done',
        required: 'Enter what is to be done', path: 'description', lines: 3, maxLength: 2000,
      });
      const owner = personField(frame, {
        name: 'owner', label: 'Who will do it?', subject: 'Who will do it',
        required: 'Enter who will do it', path: 'owner_id',
      });
      const due = new MomentField({
        name: 'due', label: 'By when?', subject: 'The time when it is due',
        hint: 'For example, 27 3 2027 and 5pm. London time.', required: 'Enter by when',
        path: 'due_time',
      });
      return {
        fields: [description, owner, due],
        send: (requestId, complaintId) => complaints.addLearningAction({
          requestId, complaintId, reviewId, description: description.value.trim(),
          ownerId: owner.value, dueTime: due.timestamp(),
        }),
      };
    },
  }),
  'review/close': (reviewId) => ({
    ...works,
    heading: 'Close the review of what was learnt',
    submit: 'Close the review',
    done: 'The review is closed.',
    intro: () => html`<p class="govuk-body">It closes only with what was learnt and with an action.</p>`,
    explain: missingWords(reviewId),
    fields: () => ({
      fields: [],
      send: (requestId, complaintId) =>
        complaints.closeLearningReview({ requestId, complaintId, reviewId }),
    }),
  }),
  'action/close': (actionId) => ({
    ...records,
    heading: 'Close an action',
    submit: 'Close the action',
    done: 'The action is closed.',
    intro: (complaint) => {
      const action = reviewOf(complaint, actionId)?.actions.find((each) => each.actionId === actionId);
      return action ? summaryList([{ key: 'Action', value: prose(action.description) }]) : nothing;
    },
    fields: (_frame, complaint) => {
      const how = new YesNoField({
        name: 'how', label: 'How is it closed?', subject: 'How it is closed',
        required: 'Select how it is closed', path: 'dropped', yes: 'Dropped: it will not be done',
        no: 'Done',
      });
      const evidence = longText({
        name: 'evidence',
        label: 'What shows that it was done, or why was it dropped?',
        subject: 'The evidence',
        required: 'Enter what shows that it was done, or why it was dropped',
        path: 'evidence',
        lines: 3,
        maxLength: 2000,
      });
      return {
        fields: [how, evidence],
        send: (requestId, complaintId) => complaints.closeLearningAction({
          requestId, complaintId, reviewId: reviewOf(complaint(), actionId)?.reviewId ?? '', actionId,
          dropped: how.isYes, evidence: evidence.value.trim(),
        }),
      };
    },
  }),
};

// What stands in the way of closing a review, with the way to it.
function missingWords(reviewId: string) {
  return (violation: FieldViolation, complaint: Complaint | undefined): Content => {
    const complaintId = complaint?.complaintId ?? '';
    switch (violation.field) {
      case 'learning':
        return link(paths.complaintPart(complaintId, reviewId, 'review/learning'),
          'What was learnt is not recorded');
      case 'actions':
        return link(paths.complaintPart(complaintId, reviewId, 'review/action'),
          'There is no action yet');
      default: return violationSentence(fieldWords(violation.field), violation.description);
    }
  };
}

export const complaintPartPage = (
  frame: Frame, complaintId: string, partId: string, form: ComplaintPartForm,
): Page => complaintQuestionPage(frame, complaintId, QUESTIONS[form](partId));
