// Who has to be told, and why.

import { LawPage } from '../law';
import { switchPolicyPage, TryLawPage } from '../law_forms';
import { page } from './page';

export const routes = [
  page('/law', (frame) => new LawPage(frame)),
  page('/law/try', (frame) => new TryLawPage(frame)),
  page('/law/policy/:kind/:recipient',
    (frame, { kind, recipient }) => switchPolicyPage(frame, kind!, recipient!)),
];
