// Allegations.

import { ALLEGATION_FORMS } from '../../router';
import { AllegationPage } from '../allegation';
import { assignItemPage, closeItemPage, tellOutcomePage } from '../allegation_checklist_forms';
import { allegationFormPage } from '../allegation_forms';
import { AllegationsPage } from '../allegations';
import { recordAllegationPage } from '../record_allegation';
import { page } from './page';

export const routes = [
  page('/allegations', (frame, _, query) => new AllegationsPage(frame, query)),
  page('/allegations/new', (frame) => recordAllegationPage(frame)),
  page('/allegations/:allegation', (frame, { allegation }) => new AllegationPage(frame, allegation!)),
  ...ALLEGATION_FORMS.map((form) => page(`/allegations/:allegation/${form}`,
    (frame, { allegation }) => allegationFormPage(frame, allegation!, form))),
  page('/allegations/:allegation/checklist/:item/close',
    (frame, { allegation, item }) => closeItemPage(frame, allegation!, item!)),
  page('/allegations/:allegation/checklist/:item/assign',
    (frame, { allegation, item }) => assignItemPage(frame, allegation!, item!)),
  page('/allegations/:allegation/told/:party',
    (frame, { allegation, party }) => tellOutcomePage(frame, allegation!, party!)),
];
