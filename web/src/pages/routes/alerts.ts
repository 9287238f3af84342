// Alerts, what was sent, and what could not be taken.

import { AcknowledgeAlertPage } from '../acknowledge_alert';
import { AlertsPage } from '../alerts';
import { DiscardParkedPage } from '../discard_parked';
import { ParkedPage } from '../parked';
import { SendsPage } from '../sends';
import { page } from './page';

export const routes = [
  page('/alerts', (frame, _, query) => new AlertsPage(frame, query)),
  page('/alerts/:alert/acknowledge', (frame, { alert }) => new AcknowledgeAlertPage(frame, alert!)),
  page('/parked', (frame) => new ParkedPage(frame)),
  page('/parked/:service/:record/discard',
    (frame, { service, record }) => new DiscardParkedPage(frame, service!, record!)),
  page('/sends', (frame, _, query) => new SendsPage(frame, query)),
];
