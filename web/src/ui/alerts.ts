// Alerts as a list of them says them.

import { Alert_Kind, type Alert } from '../generated/fosterwatch/notifications/v1/notification_pb';

// The same found several times of one record, such as of several months of one figure.
const isAlike = (one: Alert, other: Alert) => one === other || (one.kind === Alert_Kind.ATTENTION
  && one.kind === other.kind && one.recordId === other.recordId && one.reasonCode === other.reasonCode
  && one.urgent === other.urgent && one.unreachable === other.unreachable && one.rung === other.rung);

// The first of each that are alike, and how many there are of it. None is left out.
export const saidOnce = (alerts: readonly Alert[]): { alert: Alert; same: number }[] => alerts
  .filter((alert, index) => alerts.findIndex((other) => isAlike(alert, other)) === index)
  .map((alert) => ({ alert, same: alerts.filter((other) => isAlike(alert, other)).length }));
