// Recommendations, decisions, who is told of them, and what the carer answers to a proposal.

import { carerApproval } from '../api';
import { answerWords, bodyWords, decisionOutcomeWords, matterWords } from '../carer_words';
import { DayField } from '../forms/day_field';
import { EnumField, longText, pastDay, pastMoment, YesNoField } from '../forms/questions';
import {
  Decision_Outcome, DecisionAnswer_Kind, Matter, Recommendation_Body,
} from '../generated/fosterwatch/carers/v1/approval_pb';
import type { Carer } from '../generated/fosterwatch/carers/v1/carer_pb';
import type { Frame, Page } from '../page';
import type { CarerForm } from '../router';
import { aboutCarer, records, works } from './about_carer';
import { idsField, idsOf, termsQuestions } from './carer_fields';
import { personField } from './picks';
import { questionPage, type Question } from './question_page';

export const DECISION_QUESTIONS = {
  recommendation: {
    ...works,
    heading: 'Record a recommendation',
    submit: 'Record the recommendation',
    done: 'The recommendation is recorded. The decision maker’s clock runs.',
    fields: (frame) => {
      const body = new EnumField({
        name: 'body', label: 'Whose?', subject: 'Whose it is', required: 'Select whose it is',
        path: 'body', words: bodyWords,
        values: [Recommendation_Body.FOSTERING_PANEL, Recommendation_Body.REVIEW_MECHANISM],
      });
      const matter = new EnumField({
        name: 'matter', label: 'About what?', subject: 'What it is about',
        required: 'Select what it is about', path: 'matter', words: matterWords,
        values: [Matter.APPROVAL, Matter.REVIEW, Matter.TERMS, Matter.TERMINATION],
      });
      const met = pastDay(frame.now(), {
        name: 'met', label: 'When did they meet?', subject: 'The day of the meeting',
        required: 'Enter when they met', path: 'meeting_date',
      });
      const minutes = pastMoment(frame.now(), {
        name: 'minutes', label: 'When did the decision maker have the recommendation and the minutes?',
        subject: 'The time when the decision maker had them',
        required: 'Enter when the decision maker had them', path: 'minutes_received_time',
      });
      const members = idsField({
        name: 'members', label: 'Who took part?', subject: 'Who took part',
        hint: 'The numbers of the members, as your staff list or panel list has them: one on each line.',
        required: 'Enter who took part', path: 'member_ids', lines: 4,
      });
      const suitable = new YesNoField({
        name: 'suitable', label: 'Are they suitable to foster?', subject: 'Whether they are suitable',
        required: 'Select whether they are suitable', path: 'suitable',
      });
      const asked = termsQuestions(() => suitable.isYes);
      const reasons = longText({
        name: 'reasons', label: 'With which reasons?', subject: 'The reasons',
        required: 'Enter the reasons', path: 'reasons',
      });
      return {
        fields: [body, matter, met, members, minutes, suitable, ...asked.fields, reasons],
        send: (requestId, carerId) => carerApproval.recordRecommendation({
          requestId,
          carerId,
          body: body.chosen,
          matter: matter.chosen,
          meetingDate: met.value,
          memberIds: idsOf(members.value),
          minutesReceivedTime: minutes.timestamp(),
          suitable: suitable.isYes,
          ...suitable.isYes ? { terms: asked.terms() } : {},
          reasons: reasons.value.trim(),
        }),
      };
    },
  },
  decision: {
    ...works,
    heading: 'Record a decision',
    submit: 'Record the decision',
    done: 'The decision is recorded. Tell it by word of mouth and in writing.',
    fields: (frame) => {
      const outcome = new EnumField({
        name: 'outcome', label: 'What was decided?', subject: 'The decision',
        hint: 'What is proposed may be answered for 28 days before it is confirmed.',
        required: 'Select what was decided', path: 'outcome', words: decisionOutcomeWords,
        values: [
          Decision_Outcome.APPROVED, Decision_Outcome.CONTINUED, Decision_Outcome.REFUSAL_PROPOSED,
          Decision_Outcome.TERMINATION_PROPOSED, Decision_Outcome.TERMS_PROPOSED,
          Decision_Outcome.CONFIRMED, Decision_Outcome.NOT_PURSUED,
        ],
      });
      const maker = personField(frame, {
        name: 'maker', label: 'Who decided?', subject: 'The decision maker',
        hint: 'Nobody of the panel.', required: 'Enter who decided', path: 'decision_maker_id',
      });
      const decided = pastMoment(frame.now(), {
        name: 'decided', label: 'When?', subject: 'The time of the decision', required: 'Enter when',
        path: 'decided_time',
      });
      const asked = termsQuestions(() => outcome.chosen === Decision_Outcome.APPROVED
        || outcome.chosen === Decision_Outcome.TERMS_PROPOSED);
      const from = new DayField({
        name: 'from', label: 'From when does it hold?', subject: 'The day from which it holds',
        hint: 'For example, 27 3 2027. Leave it empty for the day of the decision.',
        path: 'effective_date',
      });
      const reasons = longText({
        name: 'reasons', label: 'With which reasons?', subject: 'The reasons',
        required: 'Enter the reasons', path: 'reasons',
      });
      return {
        fields: [outcome, maker, decided, ...asked.fields, from, reasons],
        send: (requestId, carerId) => carerApproval.recordDecision({
          requestId,
          carerId,
          outcome: outcome.chosen,
          decisionMakerId: maker.value,
          decidedTime: decided.timestamp(),
          ...asked.fields[0]!.shown ? { terms: asked.terms() } : {},
          effectiveDate: from.value,
          reasons: reasons.value.trim(),
        }),
      };
    },
  },
} satisfies Partial<Record<CarerForm, Question<Carer>>>;

export const decisionToldPage = (
  frame: Frame, carerId: string, decisionId: string, written: boolean,
): Page => questionPage(frame, aboutCarer(frame, carerId), {
  ...records,
  heading: written ? 'Record that the decision was told in writing'
    : 'Record that the decision was told by word of mouth',
  submit: 'Record it',
  done: 'It is recorded.',
  fields: (form) => {
    const given = pastMoment(form.now(), {
      name: 'given', label: 'When?', subject: 'The time when it was told', required: 'Enter when',
      path: 'given_time',
    });
    return {
      fields: [given],
      send: (requestId) => carerApproval.giveDecisionNotice({
        requestId, carerId, decisionId, written, givenTime: given.timestamp(),
      }),
    };
  },
});

export const decisionAnswerPage = (frame: Frame, carerId: string, decisionId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...records,
    heading: 'Record the answer to a proposal',
    submit: 'Record the answer',
    done: 'The answer is recorded.',
    fields: (form) => {
      const kind = new EnumField({
        name: 'kind', label: 'What is the answer?', subject: 'The answer',
        required: 'Select what the answer is', path: 'kind', words: answerWords,
        values: [
          DecisionAnswer_Kind.AGREED, DecisionAnswer_Kind.REPRESENTATIONS,
          DecisionAnswer_Kind.INDEPENDENT_REVIEW,
        ],
      });
      const received = pastMoment(form.now(), {
        name: 'received', label: 'When was it received?', subject: 'The time when it was received',
        required: 'Enter when it was received', path: 'received_time',
      });
      const note = longText({
        name: 'note', label: 'Note', subject: 'The note', path: 'note', lines: 3,
      });
      return {
        fields: [kind, received, note],
        send: (requestId) => carerApproval.recordDecisionAnswer({
          requestId, carerId, decisionId, kind: kind.chosen, receivedTime: received.timestamp(),
          note: note.value.trim(),
        }),
      };
    },
  });

export const reviewPapersPage = (frame: Frame, carerId: string, decisionId: string): Page =>
  questionPage(frame, aboutCarer(frame, carerId), {
    ...records,
    heading: 'Record the papers to the independent review mechanism',
    submit: 'Record that they were sent',
    done: 'It is recorded that the papers were sent.',
    fields: (form, carer) => {
      const sent = pastMoment(form.now(), {
        name: 'sent', label: 'When were they sent?', subject: 'The time when they were sent',
        required: 'Enter when they were sent', path: 'sent_time',
      });
      return {
        fields: [sent],
        send: (requestId) => carerApproval.sendReviewPapers({
          requestId,
          carerId,
          decisionId,
          sentTime: sent.timestamp(carer()?.decisions
            .find((each) => each.decisionId === decisionId)?.answer?.receivedTime),
        }),
      };
    },
  });
