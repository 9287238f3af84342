// How an allegation comes from the referral to the designated officer's conclusion.

import { html, nothing } from 'lit-html';
import {
  INVESTIGATIONS, investigationWords, outcomeHint, OUTCOMES, outcomeWords,
} from '../allegation_words';
import { allegations } from '../api';
import { PickField } from '../forms/pick_field';
import {
  channelField, EnumField, EnumsField, longText, pastMoment, shortText,
} from '../forms/questions';
import type { Allegation } from '../generated/fosterwatch/allegations/v1/allegation_pb';
import { Body_Kind } from '../generated/fosterwatch/directory/v1/directory_pb';
import type { AllegationForm } from '../router';
import { moment } from '../ui/html';
import { works } from './about_allegation';
import { MANAGERS, type Question } from './question_page';

export const PATHWAY_QUESTIONS = {
  refer: {
    heading: 'Record the referral to the designated officer',
    submit: 'Record the referral',
    done: 'The referral is recorded.',
    may: works,
    forbidden: MANAGERS,
    intro: ({ duties }) => {
      const duty = duties.find(({ code }) => code === 'REFERRAL');
      return duty ? html`<p class="govuk-body">It is due ${moment(duty.dueTime)}.</p>` : nothing;
    },
    fields: (frame, allegation) => {
      const { names } = frame;
      const referred = pastMoment(frame.now(), {
        name: 'referred',
        label: 'When was it referred?',
        subject: 'The time of the referral',
        required: 'Enter when it was referred',
        path: 'referred_time',
      });
      const officer = shortText({
        name: 'officer',
        label: 'To whom?',
        subject: 'The designated officer',
        hint: 'The name of the designated officer (LADO).',
        required: 'Enter to whom it was referred',
        path: 'officer_name',
      });
      const body = new PickField({
        name: 'body',
        label: 'Of which local authority?',
        subject: 'The local authority',
        path: 'body_id',
        noun: 'local authority',
        picks: () => names.bodiesKnown()
          .filter(({ kind }) => kind === Body_Kind.LOCAL_AUTHORITY || kind === Body_Kind.DESIGNATED_OFFICER)
          .map(({ bodyId }) => ({ id: bodyId, text: names.body(bodyId) })),
      });
      const channel = channelField({
        name: 'channel',
        label: 'By which channel?',
        subject: 'The channel',
        required: 'Select by which channel it was referred',
        path: 'channel',
      });
      const reference = shortText({
        name: 'reference',
        label: 'The officer’s reference',
        subject: 'The reference',
        path: 'reference',
      });
      const advice = longText({
        name: 'advice', label: 'What did the officer advise?', subject: 'The advice', path: 'advice',
        lines: 3,
      });
      const late = longText({
        name: 'late',
        label: 'Why was it late?',
        subject: 'Why it was late',
        hint: 'Only where it was made after it was due.',
        conditional: true,
        path: 'late_reason',
        lines: 3,
      });
      return {
        fields: [referred, officer, body, channel, reference, advice, late],
        send: (requestId, allegationId) => allegations.referAllegation({
          requestId,
          allegationId,
          referredTime: referred.timestamp(allegation()?.report?.becameAwareTime),
          officerName: officer.value.trim(),
          bodyId: body.value,
          channel: channel.chosen,
          reference: reference.value.trim(),
          advice: advice.value.trim(),
          lateReason: late.value.trim(),
        }),
      };
    },
  },
  meeting: {
    heading: 'Record a strategy meeting',
    submit: 'Record the meeting',
    done: 'The strategy meeting is recorded.',
    may: works,
    forbidden: MANAGERS,
    fields: (frame, allegation) => {
      const held = pastMoment(frame.now(), {
        name: 'held',
        label: 'When was it held?',
        subject: 'The time of the meeting',
        required: 'Enter when it was held',
        path: 'held_time',
      });
      const decisions = longText({
        name: 'decisions',
        label: 'What was decided?',
        subject: 'What was decided',
        required: 'Enter what was decided',
        path: 'decisions',
      });
      return {
        fields: [held, decisions],
        send: (requestId, allegationId) => allegations.recordStrategyMeeting({
          requestId,
          allegationId,
          heldTime: held.timestamp(allegation()?.referral?.referredTime),
          decisions: decisions.value.trim(),
        }),
      };
    },
  },
  investigation: {
    heading: 'Record that the investigation began',
    submit: 'Record the investigation',
    done: 'The investigation is recorded.',
    may: works,
    forbidden: MANAGERS,
    fields: (frame, allegation) => {
      const kinds = new EnumsField({
        name: 'kinds',
        label: 'Which investigations?',
        subject: 'The kind of investigation',
        hint: 'Select all that apply.',
        required: 'Select which investigations',
        path: 'kinds',
        values: INVESTIGATIONS,
        words: investigationWords,
      });
      const started = pastMoment(frame.now(), {
        name: 'started',
        label: 'Since when?',
        subject: 'The time when it began',
        required: 'Enter since when',
        path: 'started_time',
      });
      const lead = shortText({
        name: 'lead', label: 'Who leads it?', subject: 'Who leads it', path: 'lead',
      });
      return {
        fields: [kinds, started, lead],
        send: (requestId, allegationId) => allegations.startInvestigation({
          requestId,
          allegationId,
          kinds: kinds.chosen,
          startedTime: started.timestamp(allegation()?.report?.becameAwareTime),
          lead: lead.value.trim(),
        }),
      };
    },
  },
  conclusion: {
    heading: 'Record the designated officer’s conclusion',
    submit: 'Record the conclusion',
    done: 'The conclusion is recorded. The follow-up checklist is open.',
    may: works,
    forbidden: MANAGERS,
    intro: () => html`<p class="govuk-body">It opens the follow-up checklist: what the agency makes of it
      for the carer or the member of staff.</p>`,
    fields: (frame, allegation) => {
      const outcome = new EnumField({
        name: 'outcome',
        label: 'What did the officer conclude?',
        subject: 'The outcome',
        required: 'Select what the officer concluded',
        path: 'outcome',
        values: OUTCOMES,
        words: outcomeWords,
        hints: outcomeHint,
      });
      const concluded = pastMoment(frame.now(), {
        name: 'concluded',
        label: 'When was that?',
        subject: 'The time of the conclusion',
        required: 'Enter when that was',
        path: 'concluded_time',
      });
      const reasons = longText({
        name: 'reasons',
        label: 'With which reasons?',
        subject: 'The reasons',
        required: 'Enter the reasons',
        path: 'reasons',
      });
      return {
        fields: [outcome, concluded, reasons],
        send: (requestId, allegationId) => allegations.recordOfficerConclusion({
          requestId,
          allegationId,
          outcome: outcome.chosen,
          concludedTime: concluded.timestamp(allegation()?.referral?.referredTime),
          reasons: reasons.value.trim(),
        }),
      };
    },
  },
} satisfies Partial<Record<AllegationForm, Question<Allegation>>>;
