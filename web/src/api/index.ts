// The clients of all services. Each area is a file of its own, so that a page brings only the
// contracts along that it speaks.

export { access } from './access';
export { allegations, audits } from './allegations';
export { carerApproval, carerDuties } from './carer_work';
export { carers } from './carers';
export { complaints, complaintsOversight } from './complaints';
export { decisions } from './decisions';
export { directory } from './directory';
export { events } from './events';
export { session, watch } from './gateway';
export { actionPlans, dataQuality, editions, kpis } from './kpis';
export { law } from './law';
export { notifications } from './notifications';
export { oversight } from './oversight';
export { packs } from './packs';
export { parked } from './parked';
export { placements } from './placements';
