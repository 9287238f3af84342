// What the screen offers to whom. The services decide; this only keeps what they would refuse out
// of the way.

import type { Complaint } from '../generated/fosterwatch/complaints/v1/complaint_pb';
import type { Session } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { SignOff_Stage } from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';

const WHOLE_AGENCY: readonly Role[] = [
  Role.CASEWORKER, Role.TEAM_MANAGER, Role.DEPUTY_MANAGER, Role.REGISTERED_MANAGER,
  Role.RESPONSIBLE_INDIVIDUAL,
];

// Reads the agency's registers, its alerts and its stream of facts.
export const readsAgency = (session: Session) =>
  session.roles.some((role) => WHOLE_AGENCY.includes(role));

export const supervises = (session: Session) =>
  session.roles.includes(Role.SUPERVISING_SOCIAL_WORKER);

// Sees the households that they supervise, or opened in an emergency, and who lives there: nothing of
// anybody else.
export const hasOwnCaseload = (session: Session) => supervises(session) && !readsAgency(session);

// Who holds which role, and the bodies.
export const readsDirectory = (session: Session) =>
  readsAgency(session) || supervises(session) || session.roles.includes(Role.ADMINISTRATOR);

export const isRegisteredManager = (session: Session) =>
  session.roles.includes(Role.REGISTERED_MANAGER);

export const isManager = (session: Session) =>
  session.roles.includes(Role.TEAM_MANAGER) || isRegisteredManager(session);

// The deputy does what a team manager does, and signs off under a delegation only, which the register
// knows.
export const mayRecord = (session: Session) =>
  session.roles.includes(Role.CASEWORKER) || session.roles.includes(Role.DEPUTY_MANAGER)
  || isManager(session);

// Reports an event of somebody whom they see.
export const mayReport = (session: Session) => mayRecord(session) || supervises(session);

// Whoever hears a complaint records it, of whichever household; what becomes of it is not for all.
export const mayRecordComplaint = (session: Session) => readsAgency(session) || supervises(session);

// Visits, checks, agreements and particulars of a household that they see.
export const mayKeepHousehold = mayReport;

export const mayAcknowledge = (session: Session) =>
  session.roles.includes(Role.DEPUTY_MANAGER)
  || session.roles.includes(Role.RESPONSIBLE_INDIVIDUAL) || isManager(session);

export const mayReadContent = mayAcknowledge;

// What the law asks for here, and what the agency has made of it.
export const mayReadLaw = mayReadContent;

// Trends, exports and proof of what was said.
export const mayOversee = mayReadContent;

export const mayTryLaw = isRegisteredManager;

// Whoever decided not to notify finds another person who agrees.
export const mayAgree = (session: Session) =>
  session.roles.includes(Role.DEPUTY_MANAGER) || isRegisteredManager(session);

export const mayRecordOutcome = (session: Session) =>
  session.roles.includes(Role.DEPUTY_MANAGER) || isManager(session);

// Works a complaint or an allegation: stages, referrals, outcomes.
export const mayWorkCase = mayRecordOutcome;

export const mayCloseCase = mayAgree;

// Which households were opened in an emergency, by whom and why.
export const mayReadEmergencies = mayAcknowledge;

// Whoever opened it finds another manager to look at it.
export const mayReviewEmergency = (session: Session, { personId }: { personId: string }) =>
  mayAgree(session) && session.personId !== personId;

// Tries records again that could not be taken, or discards them.
export const mayRetry = (session: Session) =>
  session.roles.includes(Role.DEPUTY_MANAGER) || isManager(session);

// Who looked at what.
export const mayReadAccess = (session: Session) =>
  isRegisteredManager(session) || session.roles.includes(Role.RESPONSIBLE_INDIVIDUAL)
  || session.roles.includes(Role.ADMINISTRATOR);

// Absences, delegations and the check of the directory.
export const mayReadCover = mayAcknowledge;

export const mayRecordAbsence = (session: Session) =>
  session.roles.includes(Role.DEPUTY_MANAGER)
  || session.roles.includes(Role.RESPONSIBLE_INDIVIDUAL) || isRegisteredManager(session);

// In the name of any registered manager; a registered manager gives only their own.
export const mayDelegateForOthers = (session: Session) =>
  session.roles.includes(Role.RESPONSIBLE_INDIVIDUAL)
  || session.roles.includes(Role.ADMINISTRATOR);

export const mayDelegate = (session: Session) =>
  isRegisteredManager(session) || mayDelegateForOthers(session);

// Who holds which role, and how bodies are reached.
export const mayKeepDirectory = (session: Session) =>
  isRegisteredManager(session) || session.roles.includes(Role.ADMINISTRATOR);

export function maySignOff(
  session: Session, stage: SignOff_Stage, reporterId: string,
): 'yes' | 'no' | 'own report' {
  const role = session.roles.includes(Role.DEPUTY_MANAGER)
    || (stage === SignOff_Stage.REGISTERED_MANAGER ? isRegisteredManager(session)
      : isManager(session));
  if (!role) return 'no';
  return session.personId === reporterId ? 'own report' : 'yes';
}

// What is done with one complaint. One about whoever would otherwise consider it is acted on by those
// alone who do so instead; that harm was disclosed is everybody's to record.
export function complaintRights(session: Session, { otherRoute }: Pick<Complaint, 'otherRoute'>) {
  if (!otherRoute) {
    return {
      records: mayRecord(session), works: mayWorkCase(session), closes: mayCloseCase(session),
      discloses: mayRecord(session),
    };
  }
  const considers = otherRoute.consideredBy.some((role) => session.roles.includes(role));
  return {
    records: considers, works: considers, closes: considers,
    discloses: considers || mayRecord(session),
  };
}

// What is done about a KPI that is red: who answers for it, and how it is reviewed.
export const mayAnswerForPlan = mayAgree;

export const mayWorkPlan = mayRecordOutcome;

// Documents for others that name people.
export const mayMakePacks = (session: Session) =>
  session.roles.includes(Role.DEPUTY_MANAGER)
  || session.roles.includes(Role.RESPONSIBLE_INDIVIDUAL) || isRegisteredManager(session);

// Figures of several agencies, for whoever has several.
export const mayCompare = mayMakePacks;

// States figures for good, and what has become known since.
export const mayFreeze = isRegisteredManager;
