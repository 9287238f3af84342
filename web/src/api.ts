// The services behind the same origin, over the Connect protocol in JSON. The session is a cookie
// that scripts cannot read.

import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import {
  AllegationsService,
} from './generated/fosterwatch/allegations/v1/allegations_service_pb';
import {
  CarerApprovalService,
} from './generated/fosterwatch/carers/v1/carer_approval_service_pb';
import {
  CarerDutiesService,
} from './generated/fosterwatch/carers/v1/carer_duties_service_pb';
import { CarersService } from './generated/fosterwatch/carers/v1/carers_service_pb';
import { ComplaintsService } from './generated/fosterwatch/complaints/v1/complaints_service_pb';
import {
  ComplaintsOversightService,
} from './generated/fosterwatch/complaints/v1/oversight_service_pb';
import { DirectoryService } from './generated/fosterwatch/directory/v1/directory_service_pb';
import {
  LiveService, SessionService,
} from './generated/fosterwatch/gateway/v1/gateway_service_pb';
import { KpisService } from './generated/fosterwatch/kpis/v1/kpis_service_pb';
import {
  DecisionService,
} from './generated/fosterwatch/notifiable_events/v1/decision_service_pb';
import { LawService } from './generated/fosterwatch/notifiable_events/v1/law_service_pb';
import {
  NotifiableEventService,
} from './generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import {
  OversightService,
} from './generated/fosterwatch/notifiable_events/v1/oversight_pb';
import {
  NotificationsService,
} from './generated/fosterwatch/notifications/v1/notifications_service_pb';
import { ParkedService } from './generated/fosterwatch/operations/v1/parked_service_pb';
import { PlacementsService } from './generated/fosterwatch/placements/v1/placements_service_pb';

const transport = createConnectTransport({
  baseUrl: '/',
  useBinaryFormat: false,
  defaultTimeoutMs: 15_000,
});

export const events = createClient(NotifiableEventService, transport);
export const decisions = createClient(DecisionService, transport);
export const law = createClient(LawService, transport);
export const oversight = createClient(OversightService, transport);
export const notifications = createClient(NotificationsService, transport);
export const kpis = createClient(KpisService, transport);
export const placements = createClient(PlacementsService, transport);
export const carers = createClient(CarersService, transport);
export const carerApproval = createClient(CarerApprovalService, transport);
export const carerDuties = createClient(CarerDutiesService, transport);
export const complaints = createClient(ComplaintsService, transport);
export const complaintsOversight = createClient(ComplaintsOversightService, transport);
export const allegations = createClient(AllegationsService, transport);
export const directory = createClient(DirectoryService, transport);
export const parked = createClient(ParkedService, transport);
export const session = createClient(SessionService, transport);

const live = createClient(LiveService, transport);
// Without the deadline of an ordinary call: it is meant to stay open.
export const watch = (signal: AbortSignal) => live.watch({}, { signal, timeoutMs: 0 });
