// The parts of the application, by the first word of their addresses. A part is loaded when one of its
// pages is first opened.

import type { PageRoute } from './routes/page';

export type Part = () => Promise<{ routes: readonly PageRoute[] }>;

const alerts: Part = () => import('./routes/alerts');
const carers: Part = () => import('./routes/carers');
const events: Part = () => import('./routes/events');
const kpis: Part = () => import('./routes/kpis');

const PARTS: Readonly<Record<string, Part>> = {
  '': () => import('./routes/overview'),
  access: () => import('./routes/access'),
  alerts,
  allegations: () => import('./routes/allegations'),
  audits: () => import('./routes/audits'),
  carers,
  children: carers,
  compare: kpis,
  complaints: () => import('./routes/complaints'),
  decisions: events,
  directory: () => import('./routes/directory'),
  events,
  'data-quality': kpis,
  editions: kpis,
  figures: kpis,
  law: () => import('./routes/law'),
  packs: () => import('./routes/packs'),
  parked: alerts,
  plans: kpis,
  report: events,
  restatements: kpis,
  sends: alerts,
  'service-data': kpis,
  trend: events,
};

export function partOf(url: URL): Part | undefined {
  const word = url.pathname.split('/').find((each) => each !== '') ?? '';
  return Object.hasOwn(PARTS, word) ? PARTS[word] : undefined;
}
