// Who from outside takes part in a stage: the independent person of an investigation, a review panel.

import { html } from 'lit-html';
import { complaints } from '../api';
import { CheckboxesField, RadiosField } from '../forms/field';
import { shortText } from '../forms/questions';
import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type {
  ListProceduresResponse_Procedure,
} from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import { presentStage } from '../ui/complaint_stages';
import { works } from './about_complaint';
import type { Question } from './question_page';

export function independentQuestion(): Question<Complaint> {
  let procedures: readonly ListProceduresResponse_Procedure[] = [];
  const asked = (complaint: Complaint | undefined) => {
    const stage = complaint && presentStage(complaint);
    return procedures.find(({ procedureId }) => procedureId === stage?.procedureId)
      ?.stages.find(({ stageId }) => stageId === stage?.stageId)?.independents ?? [];
  };
  return {
    ...works,
    heading: 'Name somebody from outside for the stage',
    submit: 'Name them',
    done: 'They are named.',
    intro: () => html`<p class="govuk-body">The independent person of an investigation, or a member of a
      review panel. Nobody who had part in an earlier stage, or gave the complaint.</p>`,
    instead: (complaint) => asked(complaint).length === 0 ? 'The present stage asks for nobody.' : undefined,
    fields: (_, complaint) => {
      const part = new RadiosField({
        name: 'part',
        label: 'What are they named for?',
        subject: 'What they are named for',
        required: 'Select what they are named for',
        path: 'part_id',
        choices: () => asked(complaint()).map(({ partId, title, count }) => ({
          value: partId, text: count > 1 ? `${title} (${count} people)` : title,
        })),
      });
      const name = shortText({
        name: 'name', label: 'Their name', subject: 'The name', required: 'Enter their name', path: 'name',
      });
      const chairs = new CheckboxesField({
        name: 'chairs',
        label: 'Who chairs it',
        subject: 'Who chairs it',
        conditional: true,
        path: 'chairs',
        choices: () => [{ value: 'yes', text: 'They chair the panel' }],
      });
      return {
        fields: [part, name, chairs],
        send: (requestId, complaintId) => complaints.nameIndependent({
          requestId,
          complaintId,
          partId: part.value,
          name: name.value.trim(),
          chairs: chairs.values.includes('yes'),
        }),
      };
    },
    read: async () => {
      ({ procedures } = await complaints.listProcedures({}));
    },
  };
}
