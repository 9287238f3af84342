// The directory.

import { DirectoryPage } from '../directory';
import { appointHolderPage, endHolderPage, recordBodyPage } from '../directory_entry_forms';
import {
  endAbsencePage, endDelegationPage, recordAbsencePage, recordDelegationPage,
} from '../directory_forms';
import { page } from './page';

export const routes = [
  page('/directory', (frame) => new DirectoryPage(frame)),
  page('/directory/holders/new', (frame) => appointHolderPage(frame)),
  page('/directory/holders/:holder/end', (frame, { holder }) => endHolderPage(frame, holder!)),
  page('/directory/bodies/new', (frame) => recordBodyPage(frame)),
  page('/directory/bodies/:body/change', (frame, { body }) => recordBodyPage(frame, body!)),
  page('/directory/absences/new', (frame) => recordAbsencePage(frame)),
  page('/directory/absences/:absence/end',
    (frame, { absence }) => endAbsencePage(frame, absence!)),
  page('/directory/delegations/new', (frame) => recordDelegationPage(frame)),
  page('/directory/delegations/:delegation/end',
    (frame, { delegation }) => endDelegationPage(frame, delegation!)),
];
