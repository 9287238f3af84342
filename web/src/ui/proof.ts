// Which of an event's sends belong to one notice.

import type { Notice } from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_pb';
import type { Send } from '../generated/fosterwatch/notifications/v1/notification_pb';

// Those of the message by which it was given; where a person gave it, those to its body.
export function sendsOf(
  { givenReference, bodyId }: Pick<Notice, 'givenReference' | 'bodyId'>, sends: readonly Send[],
): Send[] {
  const toBodies = sends.filter(({ alertId }) => alertId === '');
  const ofMessage = toBodies.filter(({ messageId }) =>
    givenReference !== '' && messageId === givenReference);
  return ofMessage.length > 0 ? ofMessage
    : toBodies.filter((send) => bodyId !== '' && send.bodyId === bodyId);
}
