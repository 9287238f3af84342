// The register of carers, and the children who live with them.

import { CARER_FORMS } from '../../router';
import { CarerPage } from '../carer';
import {
  decisionAnswerPage, decisionToldPage, recordApplicationPage,
} from '../carer_approval_forms';
import { answerAccessPage, carerFormPage, closeCarerActionPage } from '../carer_forms';
import { CarersPage } from '../carers';
import { ChildPage } from '../child';
import { RegisterPage } from '../register';
import { page } from './page';

export const routes = [
  page('/carers', (frame, _, query) => new CarersPage(frame, query)),
  page('/carers/new', (frame) => recordApplicationPage(frame)),
  page('/carers/register', (frame, _, query) => new RegisterPage(frame, query)),
  page('/carers/:carer', (frame, { carer }) => new CarerPage(frame, carer!)),
  ...CARER_FORMS.map((form) => page(`/carers/:carer/${form}`,
    (frame, { carer }) => carerFormPage(frame, carer!, form))),
  page('/carers/:carer/part/:decision/decision/told',
    (frame, { carer, decision }) => decisionToldPage(frame, carer!, decision!, false)),
  page('/carers/:carer/part/:decision/decision/told-in-writing',
    (frame, { carer, decision }) => decisionToldPage(frame, carer!, decision!, true)),
  page('/carers/:carer/part/:decision/decision/answer',
    (frame, { carer, decision }) => decisionAnswerPage(frame, carer!, decision!)),
  page('/carers/:carer/part/:action/action/close',
    (frame, { carer, action }) => closeCarerActionPage(frame, carer!, action!)),
  page('/carers/:carer/part/:request/access/answer',
    (frame, { carer, request }) => answerAccessPage(frame, carer!, request!)),
  page('/children/:child', (frame, { child }) => new ChildPage(frame, child!)),
];
