// One child: where the child lives and lived, and the story of it in all registers.

import { html, nothing, type TemplateResult } from 'lit-html';
import { placements as placementsApi } from '../api';
import { endingWords, placedAsWords } from '../carer_words';
import type { WatchResponse } from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import type { Child } from '../generated/fosterwatch/placements/v1/child_pb';
import type { CodeList } from '../generated/fosterwatch/placements/v1/codes_pb';
import {
  Ending, type Household, type Placement,
} from '../generated/fosterwatch/placements/v1/placement_pb';
import type { Frame, Page } from '../page';
import { paths } from '../router';
import { formatDay } from '../time';
import { outsideTermsView } from '../ui/carers';
import { chronologyView, readChronology, type Chronology } from '../ui/chronology';
import {
  backLink, buttonLink, empty, link, summaryList, table, tag, type Content,
} from '../ui/html';
import { correctionsView } from '../ui/placements';
import { isSealed, sealable } from '../ui/sealed';
import { hasOwnCaseload, mayRecord } from './rights';

export class ChildPage implements Page {
  readonly section = 'carers';
  #child: Child | undefined;
  #placements: readonly Placement[] = [];
  #codes: CodeList | undefined;
  #household: Household | undefined;
  #chronology: Chronology = { entries: [], isCut: false };

  constructor(private readonly frame: Frame, private readonly childId: string) {}

  // Goes into the browser's history, so it names nobody.
  title(): string {
    return `Child ${this.childId}`;
  }

  concerns(fact: WatchResponse | undefined): boolean {
    return !fact
      || /\.(carers|placements|complaints|allegations|notifiable_events|directory)\./.test(fact.topic);
  }

  async load(): Promise<void> {
    const { childId } = this;
    const { names } = this.frame;
    const known = placementsApi.getChild({ childId });
    // Each refusal is kept: what is not in the own caseload is asked for once.
    if (hasOwnCaseload(this.frame.session)) await known;
    const [child, { placements }, codes, chronology] = await Promise.all([
      known,
      placementsApi.listPlacements({ childId, pageSize: 1000 }),
      placementsApi.listCodes({}),
      readChronology({ childId }, names, this.frame.session),
      names.ensureDirectory(),
    ]);
    const [{ households: [household] }] = await Promise.all([
      child.carerId ? placementsApi.listHouseholds({ carerIds: [child.carerId] }) : { households: [] },
      names.ensureCarers([child.carerId, ...placements.map(({ carerId }) => carerId),
        ...placements.flatMap(({ corrections }) => corrections.flatMap(({ replaced }) => replaced
          .filter(({ field }) => field === 'carer_id')
          .flatMap(({ before, after }) => [before, after])))]),
    ]);
    this.#household = household;
    this.#child = child;
    this.#placements = placements;
    this.#codes = codes;
    this.#chronology = chronology;
  }

  view(): TemplateResult {
    const child = this.#child!;
    const { names } = this.frame;
    return html`
      ${child.carerId ? backLink(paths.carer(child.carerId), 'The carer')
        : backLink(paths.carers(), 'Carers')}
      <h1 class="govuk-heading-l govuk-!-margin-bottom-2">${child.name || child.childId}</h1>
      <p class="govuk-body"><span class="app-id">Child ${child.childId}</span></p>
      ${this.#buttons(child)}
      ${this.#household ? outsideTermsView(this.#household, names, this.frame.now(), child.childId) : nothing}
      ${summaryList([
        { key: 'Date of birth', value: child.birthDate ? formatDay(child.birthDate) : 'Not known' },
        {
          key: 'Lives with',
          value: child.carerId ? link(paths.carer(child.carerId), names.carer(child.carerId))
            : 'Not placed with a carer',
        },
        { key: 'Responsible authority', value: names.body(child.responsibleAuthorityId) },
        {
          key: 'Area authority',
          value: child.areaAuthorityId === child.responsibleAuthorityId ? 'The same'
            : names.body(child.areaAuthorityId),
        },
      ])}
      ${this.#placementsView()}
      ${chronologyView(this.#chronology, this.frame.now())}`;
  }

  #buttons({ childId, carerId }: Child): Content {
    if (!mayRecord(this.frame.session)) return nothing;
    return html`
      <div class="app-buttons">
        ${carerId ? html`
          ${buttonLink(paths.moveChild(childId), 'Record a move to another carer', true)}
          ${buttonLink(paths.endPlacement(childId), 'Record the end of the placement', true)}`
          : buttonLink(paths.startPlacement({ child: childId }), 'Record a placement')}
        ${buttonLink(paths.changeChild(childId), 'Record other particulars', true)}
      </div>`;
  }

  #placementsView(): TemplateResult {
    const { names, session } = this.frame;
    return html`
      <section class="app-section" aria-labelledby="placements">
        <h2 class="govuk-heading-m" id="placements">Placements</h2>
        ${this.#placements.length === 0 ? empty('None is recorded.') : table<Placement>({
          caption: 'Placements, newest first',
          captionHidden: true,
          rows: this.#placements,
          key: ({ placementId }) => placementId,
          testId: 'placements',
          columns: [
            {
              heading: 'Carer',
              header: true,
              cell: ({ carerId }) => link(paths.carer(carerId), names.carer(carerId)),
            },
            {
              heading: 'From',
              cell: ({ startDate, startAssumed }) => html`${formatDay(startDate)}${startAssumed
                ? html`<span class="app-sub">When it was recorded: nobody said when</span>` : nothing}`,
            },
            {
              heading: 'Until',
              cell: ({ endDate }) => endDate ? formatDay(endDate) : tag('Now', 'blue'),
            },
            { heading: 'Placed as', cell: ({ kind }) => placedAsWords(kind) },
            {
              heading: 'Why it ended',
              cell: ({ endDate, ending, reasonCode, endingNote, ...rest }) => endDate === '' ? nothing : html`
                ${this.#reasonWords(reasonCode) || endingWords(ending || Ending.NOT_SAID)}
                ${reasonCode ? html`<span class="app-sub">${endingWords(ending)}</span>` : nothing}
                ${endingNote || isSealed(endingNote, rest)
                  ? html`<span class="app-sub">${sealable(endingNote, rest)}</span>` : nothing}`,
            },
            ...!mayRecord(session) ? [] : [{
              heading: 'Actions',
              cell: ({ placementId, startDate }: Placement) => link(
                paths.correctPlacement(this.childId, placementId), 'Correct',
                `the placement from ${formatDay(startDate)}`),
            }],
          ],
        })}
        ${this.#placements.map((each) => correctionsView(each, names, this.#codes, this.frame.now()))}
      </section>`;
  }

  #reasonWords(code: string): string {
    return this.#codes?.reasonCodes.find((each) => each.code === code)?.title ?? code;
  }
}
