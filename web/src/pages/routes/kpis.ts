// Figures.

import { FigurePage } from '../figure';
import { page } from './page';

export const routes = [
  page('/figures/:code', (frame, { code }, query) =>
    new FigurePage(frame, code!, query.get('period') ?? '')),
];
