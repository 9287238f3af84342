// What is said of a complaint that was seen elsewhere: which one it is, or why there is none.

import { nothing } from 'lit-html';
import { complaints, complaintsOversight } from '../api';
import { RadiosField } from '../forms/field';
import { Form } from '../forms/form';
import { longText, shortText } from '../forms/questions';
import { ComplaintKind } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ComplaintSummary,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import { Sighting_State, type Sighting } from '../generated/fosterwatch/complaints/v1/sighting_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDateTime, toDate } from '../time';
import { moment, prose, summaryList, type Content } from '../ui/html';
import { sightingAbout, sightingSourceView } from '../ui/sightings';
import { FormPage } from './form_page';
import { MANAGERS } from './question_page';
import { mayWorkCase } from './rights';

// Complaints about the same child or carer that are offered.
const OFFERED = 10;

async function readSighting(
  { names }: Frame, sightingId: string, state: Sighting_State,
): Promise<Sighting | undefined> {
  const { sightings: [sighting] } = await complaintsOversight.listSightings({
    pageSize: 1, sightingId, state,
  });
  await Promise.all([
    names.ensureChildren([sighting?.childId ?? '']), names.ensureCarers([sighting?.carerId ?? '']),
  ]);
  return sighting;
}

// Newest first.
async function readCandidates(sighting: Sighting | undefined): Promise<ComplaintSummary[]> {
  const asked = [
    ...sighting?.childId ? [{ childId: sighting.childId }] : [],
    ...sighting?.carerId ? [{ carerId: sighting.carerId }] : [],
  ];
  const answers = await Promise.all(asked.map((about) =>
    complaints.listComplaints({ ...about, pageSize: OFFERED })));
  const found = new Map(answers.flatMap((answer) => answer.complaints)
    .filter(({ kind }) => kind !== ComplaintKind.COMPLIMENT)
    .map((each) => [each.complaintId, each]));
  return [...found.values()].slice(0, OFFERED);
}

const sightingView = (sighting: Sighting | undefined, { names }: Frame): Content => !sighting ? nothing
  : summaryList([
    { key: 'Seen in', value: sightingSourceView(sighting.source, sighting.sourceId) },
    { key: 'About', value: sightingAbout(sighting, names) },
    { key: 'Made', value: moment(sighting.seenTime) },
    sighting.text !== '' && { key: 'What it says', value: prose(sighting.text) },
  ]);

function settlePage(frame: Frame, options: {
  sightingId: string;
  heading: string;
  // In which it can be settled so.
  state?: Sighting_State;
  read?: (sighting: Sighting | undefined) => Promise<void>;
  form: (page: FormPage) => Form;
}): Page {
  let sighting: Sighting | undefined;
  return new FormPage(frame, {
    section: 'complaints',
    heading: options.heading,
    back: { href: paths.sightings(), text: 'Complaints seen elsewhere' },
    instead: () => mayWorkCase(frame.session) ? undefined : MANAGERS,
    read: async () => {
      if (!mayWorkCase(frame.session)) return;
      sighting = await readSighting(
        frame, options.sightingId, options.state ?? Sighting_State.UNMATCHED);
      await options.read?.(sighting);
    },
    concerns: ({ topic }) => /\.(complaints|placements|carers)\./.test(topic),
    intro: () => sightingView(sighting, frame),
    form: options.form,
  });
}

const ANOTHER = '-';

export function matchSightingPage(frame: Frame, sightingId: string): Page {
  let candidates: readonly ComplaintSummary[] = [];
  return settlePage(frame, {
    sightingId,
    heading: 'Say which complaint it is',
    read: async (sighting) => {
      candidates = await readCandidates(sighting);
    },
    form: (page) => {
      const which = new RadiosField({
        name: 'which', label: 'Which complaint is it?', subject: 'Which complaint it is',
        required: 'Select which complaint it is', path: 'complaint_id',
        choices: () => [
          ...candidates.map(({ complaintId, caseNumber, receivedTime }) => ({
            value: complaintId,
            text: receivedTime ? `${caseNumber}, received ${formatDateTime(toDate(receivedTime))}`
              : caseNumber,
          })),
          { value: ANOTHER, text: 'Another one' },
        ],
        shown: () => candidates.length > 0,
      });
      const number = shortText({
        name: 'number', label: 'Number of the complaint', subject: 'The number',
        hint: 'For example, 2026-0007.', required: 'Enter the number of the complaint',
        path: 'complaint_id', width: 10,
        shown: () => candidates.length === 0 || which.value === ANOTHER,
      });
      return new Form({
        fields: [which, number],
        submit: 'Match them',
        send: async (requestId) => {
          let complaintId = which.value;
          if (number.shown) {
            const { complaints: [found] } = await complaints.listComplaints({
              caseNumber: number.value.trim(), pageSize: 1,
            });
            complaintId = found?.complaintId ?? number.value.trim();
          }
          await complaintsOversight.matchSighting({ requestId, sightingId, complaintId });
          page.done('They are matched.');
        },
      });
    },
  });
}

export function takeBackSightingPage(frame: Frame, sightingId: string): Page {
  let complaintId = '';
  return settlePage(frame, {
    sightingId,
    heading: 'Say that it is another one',
    state: Sighting_State.MATCHED,
    read: async (sighting) => {
      complaintId = sighting?.matchedComplaintId ?? '';
    },
    form: (page) => {
      const reason = longText({
        name: 'reason', label: 'Why is it not that complaint?', subject: 'The reason',
        hint: 'It is open again, and raised daily until it is matched or explained.',
        required: 'Enter why it is not that complaint', path: 'reason', lines: 3, maxLength: 2000,
      });
      return new Form({
        fields: [reason],
        submit: 'Take the match back',
        send: async (requestId) => {
          await complaintsOversight.takeBackMatch({
            requestId, sightingId, complaintId, reason: reason.value.trim(),
          });
          page.done('The match is taken back.');
        },
      });
    },
  });
}

export const explainSightingPage = (frame: Frame, sightingId: string): Page => settlePage(frame, {
  sightingId,
  heading: 'Say why there is no complaint for it',
  form: (page) => {
    const explanation = longText({
      name: 'explanation', label: 'Why is there none?', subject: 'The explanation',
      required: 'Enter why there is none', path: 'explanation', lines: 3, maxLength: 2000,
    });
    return new Form({
      fields: [explanation],
      submit: 'Record it',
      send: async (requestId) => {
        await complaintsOversight.explainSighting({
          requestId, sightingId, explanation: explanation.value.trim(),
        });
        page.done('It is explained.');
      },
    });
  },
});
