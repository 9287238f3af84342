// Addresses of pages. They carry ids and codes only: an address ends up in histories and logs.

export type Params = Record<string, string>;

export interface Route<T> {
  // "/events/:eventId"
  pattern: string;
  make: (params: Params, query: URLSearchParams) => T;
}

export function match<T>(routes: readonly Route<T>[], url: URL): (() => T) | undefined {
  const path = split(url.pathname);
  for (const route of routes) {
    const pattern = split(route.pattern);
    if (pattern.length !== path.length) continue;
    const params: Params = {};
    const fits = pattern.every((part, index) => {
      const given = path[index]!;
      if (!part.startsWith(':')) return part === given;
      params[part.slice(1)] = given;
      return true;
    });
    if (fits) return () => route.make(params, url.searchParams);
  }
  return undefined;
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}

// What is done with a record on a page of its own: the last part of its address.
export const ALLEGATION_FORMS = [
  'refer', 'meeting', 'investigation', 'conclusion', 'review', 'learning', 'item', 'close', 'reopen',
  'amend', 'link', 'subject',
] as const;
export type AllegationForm = typeof ALLEGATION_FORMS[number];

export const COMPLAINT_FORMS = [
  'acknowledge', 'investigator', 'independent', 'informal-part', 'answer', 'extend', 'pause', 'resume', 'next-stage',
  'point', 'action-taken', 'seriousness', 'disclose', 'close', 'withdraw', 'reopen', 'reclassify',
  'out-of-time',
] as const;
export type ComplaintForm = typeof COMPLAINT_FORMS[number];

// And with one of its parts.
export const COMPLAINT_PART_FORMS = [
  'proposal/accept', 'proposal/decline', 'point/decide', 'step/done', 'review/learning',
  'review/action', 'review/close', 'action/close',
] as const;
export type ComplaintPartForm = typeof COMPLAINT_PART_FORMS[number];

export const CARER_FORMS = [
  'visit', 'check', 'review', 'agreement', 'agreement-returned', 'information', 'stage-two',
  'end-stage-one', 'recommendation', 'decision', 'particulars', 'terms', 'exemption', 'suspend',
  'lift-suspension', 'resignation', 'death', 'withdraw', 'temporary-approval',
  'extend-temporary-approval', 'access-request', 'legal-hold', 'supervisor',
] as const;
export type CarerForm = typeof CARER_FORMS[number];

export const CARER_PART_FORMS = [
  'decision/told', 'decision/told-in-writing', 'decision/answer', 'decision/papers', 'action/close',
  'access/answer', 'register/correct', 'ending/assign', 'ending/review', 'duplicate/merge',
  'duplicate/apart', 'duplicate/undo', 'emergency/review',
] as const;
export type CarerPartForm = typeof CARER_PART_FORMS[number];

const encode = encodeURIComponent;

// Where the records of a register are read, where that is not under its own name. Those of placements
// are households, by the carer with whom children live; those of kpis are figures, by their code.
const RECORDS_OF: Readonly<Record<string, string>> = { kpis: 'figures', placements: 'carers' };

export const paths = {
  overview: () => '/',
  events: (query: Record<string, string> = {}) => withQuery('/events', query),
  event: (eventId: string) => `/events/${encode(eventId)}`,
  give: (eventId: string, noticeId: string) =>
    `/events/${encode(eventId)}/notices/${encode(noticeId)}/give`,
  acknowledgeNotice: (eventId: string, noticeId: string) =>
    `/events/${encode(eventId)}/notices/${encode(noticeId)}/acknowledge`,
  signOff: (eventId: string, stage: 'manager' | 'registered-manager') =>
    `/events/${encode(eventId)}/sign-off/${stage}`,
  confirmNotice: (eventId: string, noticeId: string) =>
    `/events/${encode(eventId)}/notices/${encode(noticeId)}/confirm`,
  discussion: (eventId: string) => `/events/${encode(eventId)}/discussion`,
  outcome: (eventId: string) => `/events/${encode(eventId)}/outcome`,
  enquiryOutcome: (eventId: string) => `/events/${encode(eventId)}/enquiry-outcome`,
  childReturn: (eventId: string) => `/events/${encode(eventId)}/child-return`,
  correct: (eventId: string) => `/events/${encode(eventId)}/correct`,
  completeReport: (eventId: string) => `/events/${encode(eventId)}/complete`,
  decideRepeat: (eventId: string) => `/events/${encode(eventId)}/repeat`,
  addEvidence: (eventId: string) => `/events/${encode(eventId)}/evidence`,
  withdraw: (eventId: string) => `/events/${encode(eventId)}/withdraw`,
  addAction: (eventId: string) => `/events/${encode(eventId)}/actions/new`,
  closeAction: (eventId: string, actionId: string) =>
    `/events/${encode(eventId)}/actions/${encode(actionId)}/close`,
  conclude: (eventId: string) => `/events/${encode(eventId)}/conclude`,
  report: () => '/report',
  reportInHurry: () => '/report/hurry',
  decisions: (query: Record<string, string> = {}) => withQuery('/decisions', query),
  decision: (decisionId: string) => `/decisions/${encode(decisionId)}`,
  recordDecision: () => '/decisions/new',
  agreeDecision: (decisionId: string) => `/decisions/${encode(decisionId)}/agree`,
  reportDecision: (decisionId: string) => `/decisions/${encode(decisionId)}/report`,
  law: () => '/law',
  tryLaw: () => '/law/try',
  switchPolicy: (kind: string, recipient: string) =>
    `/law/policy/${encode(kind)}/${encode(recipient)}`,
  trend: (query: Record<string, string> = {}) => withQuery('/trend', query),
  proof: (eventId: string) => `/events/${encode(eventId)}/proof`,
  exportEvent: (eventId: string) => `/events/${encode(eventId)}/export`,
  alerts: (query: Record<string, string> = {}) => withQuery('/alerts', query),
  // A record of another register, as alerts name it: "complaints", its id, and why it needs somebody.
  record: (inRegister: string, recordId: string, code = '') => {
    if (code === 'EMERGENCY_ACCESS') return `/carers/emergencies?carer=${encode(recordId)}`;
    if (code === 'AUDIT_FINDING_OVERDUE') return `/audits/${encode(recordId)}`;
    if (code === 'COMPLAINT_SEEN_ELSEWHERE') return '/complaints/seen-elsewhere';
    if (code.endsWith('_RECORD_PARKED')) return '/parked';
    if (code === 'RESTATEMENT_WAITING') return '/editions';
    return `/${RECORDS_OF[inRegister] ?? encode(inRegister)}/${encode(recordId)}`;
  },
  acknowledgeAlert: (alertId: string) => `/alerts/${encode(alertId)}/acknowledge`,
  access: (query: Record<string, string> = {}) => withQuery('/access', query),
  parked: () => '/parked',
  discardParked: (service: string, parkedId: string) =>
    `/parked/${encode(service)}/${encode(parkedId)}/discard`,
  figures: (query: Record<string, string> = {}) => withQuery('/figures', query),
  figure: (code: string, query: Record<string, string> = {}) =>
    withQuery(`/figures/${encode(code)}`, query),
  compare: (query: Record<string, string> = {}) => withQuery('/compare', query),
  serviceData: (query: Record<string, string> = {}) => withQuery('/service-data', query),
  plans: (query: Record<string, string> = {}) => withQuery('/plans', query),
  plan: (planId: string) => `/plans/${encode(planId)}`,
  namePlanOwner: (planId: string) => `/plans/${encode(planId)}/owner`,
  addPlanAction: (planId: string) => `/plans/${encode(planId)}/actions/new`,
  closePlanAction: (planId: string, actionId: string) =>
    `/plans/${encode(planId)}/actions/${encode(actionId)}/close`,
  reviewPlan: (planId: string) => `/plans/${encode(planId)}/review`,
  editions: (query: Record<string, string> = {}) => withQuery('/editions', query),
  edition: (editionId: string) => `/editions/${encode(editionId)}`,
  freezeEdition: (query: Record<string, string> = {}) => withQuery('/editions/freeze', query),
  acceptRestatement: (restatementId: string) => `/restatements/${encode(restatementId)}/accept`,
  dataQuality: (query: Record<string, string> = {}) => withQuery('/data-quality', query),
  packs: () => '/packs',
  directory: () => '/directory',
  recordAbsence: () => '/directory/absences/new',
  endAbsence: (absenceId: string) => `/directory/absences/${encode(absenceId)}/end`,
  recordDelegation: () => '/directory/delegations/new',
  endDelegation: (delegationId: string) => `/directory/delegations/${encode(delegationId)}/end`,
  appointHolder: () => '/directory/holders/new',
  endHolder: (holderId: string) => `/directory/holders/${encode(holderId)}/end`,
  recordBody: () => '/directory/bodies/new',
  changeBody: (bodyId: string) => `/directory/bodies/${encode(bodyId)}/change`,
  complaints: (query: Record<string, string> = {}) => withQuery('/complaints', query),
  complaint: (complaintId: string) => `/complaints/${encode(complaintId)}`,
  recordComplaint: (query: Record<string, string> = {}) => withQuery('/complaints/new', query),
  recordCompliment: () => '/complaints/new-compliment',
  complaintForm: (complaintId: string, form: ComplaintForm) =>
    `/complaints/${encode(complaintId)}/${form}`,
  complaintPart: (complaintId: string, partId: string, form: ComplaintPartForm) =>
    `/complaints/${encode(complaintId)}/part/${encode(partId)}/${form}`,
  complaintsStatement: (query: Record<string, string> = {}) =>
    withQuery('/complaints/statement', query),
  sightings: (query: Record<string, string> = {}) => withQuery('/complaints/seen-elsewhere', query),
  settleSighting: (sightingId: string, form: 'match' | 'take-back' | 'explain') =>
    `/complaints/seen-elsewhere/${encode(sightingId)}/${form}`,
  allegations: (query: Record<string, string> = {}) => withQuery('/allegations', query),
  allegation: (allegationId: string) => `/allegations/${encode(allegationId)}`,
  recordAllegation: () => '/allegations/new',
  allegationForm: (allegationId: string, form: AllegationForm) =>
    `/allegations/${encode(allegationId)}/${form}`,
  checklistItem: (allegationId: string, itemId: string, form: 'close' | 'assign') =>
    `/allegations/${encode(allegationId)}/checklist/${encode(itemId)}/${form}`,
  tellOutcome: (allegationId: string, party: string) =>
    `/allegations/${encode(allegationId)}/told/${encode(party)}`,
  audits: (query: Record<string, string> = {}) => withQuery('/audits', query),
  startAudit: () => '/audits/new',
  audit: (auditId: string, query: Record<string, string> = {}) =>
    withQuery(`/audits/${encode(auditId)}`, query),
  completeAudit: (auditId: string) => `/audits/${encode(auditId)}/complete`,
  gradeRecord: (auditId: string, kind: 'allegation' | 'event' | 'complaint', recordId: string) =>
    `/audits/${encode(auditId)}/${kind}/${encode(recordId)}`,
  closeFinding: (auditId: string, actionId: string) =>
    `/audits/${encode(auditId)}/findings/${encode(actionId)}/close`,
  carers: (query: Record<string, string> = {}) => withQuery('/carers', query),
  carer: (carerId: string) => `/carers/${encode(carerId)}`,
  carerForm: (carerId: string, form: CarerForm) => `/carers/${encode(carerId)}/${form}`,
  carerPart: (carerId: string, partId: string, form: CarerPartForm) =>
    `/carers/${encode(carerId)}/part/${encode(partId)}/${form}`,
  recordApplication: (carerId = '') => withQuery('/carers/new', { carer: carerId }),
  approveTemporarily: () => '/carers/new-temporary',
  importRegister: () => '/carers/import',
  duplicates: () => '/carers/duplicates',
  emergencies: (query: Record<string, string> = {}) => withQuery('/carers/emergencies', query),
  openInEmergency: (query: Record<string, string> = {}) => withQuery('/carers/emergency', query),
  registerAsAt: (query: Record<string, string> = {}) => withQuery('/carers/register', query),
  child: (childId: string) => `/children/${encode(childId)}`,
  recordChild: () => '/children/new',
  changeChild: (childId: string) => `/children/${encode(childId)}/particulars`,
  startPlacement: (query: Record<string, string> = {}) =>
    withQuery('/children/placements/new', query),
  moveChild: (childId: string) => `/children/${encode(childId)}/move`,
  correctPlacement: (childId: string, placementId: string) =>
    `/children/${encode(childId)}/placements/${encode(placementId)}/correct`,
  endPlacement: (childId: string) => `/children/${encode(childId)}/end-placement`,
  sends: (query: Record<string, string> = {}) => withQuery('/sends', query),
};

// Where a household is opened of which this address is: its own page, or one of a child who may live
// there. Of other records nothing says whose they are.
export function emergencyOf(pathname: string): string | undefined {
  const [register, id] = split(pathname);
  if (id === undefined) return undefined;
  switch (register) {
    case 'carers': return paths.openInEmergency({ carer: id });
    case 'children': return paths.openInEmergency({ child: id });
    default: return undefined;
  }
}

function withQuery(path: string, query: Record<string, string>): string {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return text.size === 0 ? path : `${path}?${text}`;
}
