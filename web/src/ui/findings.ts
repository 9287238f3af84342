// What the check of the directory finds, in words: what is amiss, and what to do about it.

import { html } from 'lit-html';
import {
  Finding_Code, Finding_Severity, type Finding,
} from '../generated/fosterwatch/directory/v1/check_pb';
import { Role } from '../generated/fosterwatch/options/v1/options_pb';
import type { Names } from '../names';
import { paths } from '../router';
import { bodyKindWords, roleWords } from '../words';
import { link, tag, type Content, type TagColour } from './html';

const SEVERITIES: Record<Finding_Severity, { text: string; colour: TagColour }> = {
  [Finding_Severity.UNSPECIFIED]: { text: 'Not known', colour: 'grey' },
  [Finding_Severity.UNREACHABLE]: { text: 'Cannot be reached', colour: 'red' },
  [Finding_Severity.COMING]: { text: 'Will not be reached', colour: 'orange' },
  [Finding_Severity.WARNING]: { text: 'Warning', colour: 'yellow' },
};

export const severityTag = ({ severity }: Finding) =>
  tag(SEVERITIES[severity]?.text ?? 'Not known', SEVERITIES[severity]?.colour ?? 'grey');

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

const APPOINT = 'Whoever runs Fosterwatch appoints somebody with “fosterwatch holder appoint”.';
const RECORD_BODY = 'Whoever runs Fosterwatch records it with “fosterwatch body record”.';

// One sentence without its full stop.
export function findingWords(finding: Finding, names: Names): string {
  const role = lower(roleWords(finding.role));
  const person = names.person(finding.personId);
  const body = names.body(finding.bodyId);
  switch (finding.code) {
    case Finding_Code.ROLE_UNHELD:
      return `Nobody is ${role}${finding.personId ? `; the last was ${person}` : ''}`;
    case Finding_Code.ROLE_AWAY:
      return `Every ${role} is away, and nobody who covers can be reached`;
    case Finding_Code.ROLE_WITHOUT_ADDRESS:
      return `No ${role}, nor anybody who covers, has a mail address that can be used`;
    case Finding_Code.HOLDER_WITHOUT_ADDRESS:
      return `${person}, ${role}, has no mail address that can be used`;
    case Finding_Code.BODY_MISSING:
      return `Nobody is recorded as ${bodyKindWords(finding.bodyKind)}`;
    case Finding_Code.POLICE_MISSING:
      return `No police are recorded for ${body}`;
    case Finding_Code.HEALTH_BODY_MISSING:
      return `No health body is recorded for ${body}`;
    case Finding_Code.BODY_WITHOUT_CONTACT:
      return `${body} has no contact`;
    case Finding_Code.CONTACT_UNUSABLE:
      return `Contact ${finding.contact} of ${body} cannot be used`;
    case Finding_Code.COVER_MISSING:
      return `Nobody covers for ${person}, ${role}, who is away`;
    case Finding_Code.COVER_AWAY:
      return `Whoever covers for ${person}, ${role}, is away as well`;
    case Finding_Code.COVER_WITHOUT_ROLE:
      return `Whoever covers for ${person}, ${role}, holds no role in which they could`;
    case Finding_Code.MANAGER_AWAY_LONG:
      return `${person}, registered manager, is away for 28 days or more, or nobody knows how long`;
    case Finding_Code.DELEGATION_MISSING:
      return `${person}, registered manager, is away, and nobody may sign off in their place`;
    case Finding_Code.DELEGATION_ENDS:
      return `The delegation to ${person} ends while the registered manager is still away`;
    case Finding_Code.DELEGATE_WITHOUT_ROLE:
      return `${person} has a delegation, but no longer a role in which they could use it`;
    case Finding_Code.DELEGATOR_WITHOUT_ROLE:
      return `${person} has given a delegation, but is no registered manager any more`;
    default:
      return `Something that this page does not know (${finding.code})`;
  }
}

// What mends it.
export function remedyView(finding: Finding): Content {
  const coverAgain = html`Say that they are back, then record what is left of the absence with
    somebody who can be reached: ${link(paths.endAbsence(finding.absenceId), 'the absence',
    finding.absenceId)}.`;
  const delegateAgain = html`${link(paths.recordDelegation(), 'Record a delegation')} to a deputy or
    team manager.`;
  switch (finding.code) {
    case Finding_Code.ROLE_UNHELD:
      return finding.role === Role.REGISTERED_MANAGER
        ? `${APPOINT} Until then nobody can sign off as registered manager.` : APPOINT;
    case Finding_Code.ROLE_AWAY:
      return html`Record each absence with somebody who covers and is here. ${APPOINT}`;
    case Finding_Code.ROLE_WITHOUT_ADDRESS:
    case Finding_Code.HOLDER_WITHOUT_ADDRESS:
      return 'Alerts are mailed. Whoever runs Fosterwatch corrects the address with “fosterwatch '
        + 'holder appoint”.';
    case Finding_Code.BODY_MISSING:
    case Finding_Code.BODY_WITHOUT_CONTACT:
      return RECORD_BODY;
    case Finding_Code.POLICE_MISSING:
    case Finding_Code.HEALTH_BODY_MISSING:
      return `Find out who serves this area. ${RECORD_BODY}`;
    case Finding_Code.CONTACT_UNUSABLE:
      return `The address is none, or the webhook has no secret. ${RECORD_BODY}`;
    case Finding_Code.COVER_MISSING:
    case Finding_Code.COVER_AWAY:
    case Finding_Code.COVER_WITHOUT_ROLE:
      return coverAgain;
    case Finding_Code.MANAGER_AWAY_LONG:
      return html`The Chief Inspector has to be told (regulation 38). Look for
        ${link(paths.events({ kind: 'MANAGER_ABSENCE' }), 'its event')} and give its notice.`;
    case Finding_Code.DELEGATION_MISSING:
    case Finding_Code.DELEGATION_ENDS:
    case Finding_Code.DELEGATE_WITHOUT_ROLE:
    case Finding_Code.DELEGATOR_WITHOUT_ROLE:
      return delegateAgain;
    default:
      return '';
  }
}
