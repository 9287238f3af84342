import { create, getOption, type DescMethod } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  CarerApprovalService,
} from '../generated/fosterwatch/carers/v1/carer_approval_service_pb';
import { CarerDutiesService } from '../generated/fosterwatch/carers/v1/carer_duties_service_pb';
import { CarersService } from '../generated/fosterwatch/carers/v1/carers_service_pb';
import { ComplaintsService } from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import { DirectoryService } from '../generated/fosterwatch/directory/v1/directory_service_pb';
import {
  LiveService, SessionSchema, type Session,
} from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import {
  NotifiableEventService,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import { NotificationsService } from '../generated/fosterwatch/notifications/v1/notifications_service_pb';
import { access, Role } from '../generated/fosterwatch/options/v1/options_pb';
import { PlacementsService } from '../generated/fosterwatch/placements/v1/placements_service_pb';
import {
  hasOwnCaseload, mayCloseCase, mayKeepHousehold, mayReadEmergencies, mayRecord, mayRecordComplaint,
  mayReport, mayReviewEmergency, mayWorkCase, readsAgency, readsDirectory, supervises,
} from './rights';

const PEOPLE = [
  Role.CASEWORKER, Role.TEAM_MANAGER, Role.DEPUTY_MANAGER, Role.REGISTERED_MANAGER,
  Role.RESPONSIBLE_INDIVIDUAL, Role.ADMINISTRATOR, Role.SUPERVISING_SOCIAL_WORKER,
];

const session = (roles: Role[], personId = 'jo') => create(SessionSchema, { personId, roles });

const whoMay = (may: (session: Session) => boolean) => PEOPLE.filter((role) => may(session([role])));

// The rule of a method, as the services hold to it.
function rule(method: DescMethod) {
  const { roles, ownCaseload } = getOption(method, access);
  return { roles: PEOPLE.filter((role) => [...roles, ...ownCaseload].includes(role)), ownCaseload };
}

describe('what the screen offers is what the services let through', () => {
  const { method: carers } = CarersService;
  const { method: duties } = CarerDutiesService;
  it.each([
    ['the stream of facts', readsAgency, LiveService.method.watch],
    ['alerts', readsAgency, NotificationsService.method.listAlerts],
    ['the delivery log', readsAgency, NotificationsService.method.listSends],
    ['complaints', readsAgency, ComplaintsService.method.listComplaints],
    ['a complaint’s record', mayRecordComplaint, ComplaintsService.method.recordComplaint],
    ['the directory', readsDirectory, DirectoryService.method.listHolders],
    ['bodies', readsDirectory, DirectoryService.method.listBodies],
    ['a report', mayReport, NotifiableEventService.method.reportEvent],
    ['a report in a hurry', mayReport, NotifiableEventService.method.reportProvisionalEvent],
    ['a report’s completion', mayReport, NotifiableEventService.method.completeReport],
    ['an event’s correction', mayRecord, NotifiableEventService.method.correctEvent],
    ['a visit', mayKeepHousehold, duties.recordVisit],
    ['a check', mayKeepHousehold, duties.recordCheck],
    ['an agreement', mayKeepHousehold, duties.issueAgreement],
    ['an agreement’s return', mayKeepHousehold, duties.recordAgreementReturned],
    ['an action’s end', mayKeepHousehold, duties.closeCarerAction],
    ['particulars', mayKeepHousehold, carers.recordParticulars],
    ['a resignation', mayRecord, CarerApprovalService.method.recordResignation],
    ['a request to see records', mayRecord, carers.recordAccessRequest],
    ['who supervises', mayWorkCase, carers.assignSupervisor],
    ['an emergency', supervises, carers.openInEmergency],
    ['emergencies', mayReadEmergencies, carers.listEmergencies],
    ['a legal hold', mayCloseCase, carers.placeLegalHold],
  ])('%s', (_, may, method) => {
    expect(whoMay(may)).toEqual(rule(method).roles);
  });

  it('another manager looks at an emergency', () => {
    const byJo = { personId: 'jo' };
    expect(whoMay((each) => mayReviewEmergency({ ...each, personId: 'sam' }, byJo)))
      .toEqual(rule(carers.reviewEmergency).roles);
    expect(whoMay((each) => mayReviewEmergency(each, byJo))).toEqual([]);
  });
});

describe('whoever has an own caseload', () => {
  it('has no role beside it that shows all', () => {
    expect(whoMay(hasOwnCaseload)).toEqual([Role.SUPERVISING_SOCIAL_WORKER]);
    for (const role of PEOPLE) {
      const both = session([Role.SUPERVISING_SOCIAL_WORKER, role]);
      expect(hasOwnCaseload(both), String(role)).toBe(!readsAgency(session([role])));
    }
  });

  // All that their pages read.
  it.each([
    CarersService.method.getCarer, CarersService.method.listCarers,
    CarersService.method.listRegisterChanges, CarersService.method.getCarerPolicy,
    CarerDutiesService.method.listDuties, CarerDutiesService.method.listVisits,
    PlacementsService.method.getChild, PlacementsService.method.listChildren,
    PlacementsService.method.listPlacements, PlacementsService.method.listHouseholds,
    PlacementsService.method.listCodes,
    NotifiableEventService.method.getEvent, NotifiableEventService.method.listEvents,
    ComplaintsService.method.listProcedures,
  ])('may read by $name', (method) => {
    expect(rule(method).roles).toContain(Role.SUPERVISING_SOCIAL_WORKER);
  });
});
