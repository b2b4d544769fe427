import type { Trend } from "./activity-data.ts";
import type { Filters } from "./filters.ts";
import { type Html, html } from "./html.ts";
import { link, moment } from "./shell.ts";

const width = 1000;
const left = 62;
const [upper, marks, lower, foot] = [110, 24, 74, 28];
const middle = upper + 10;
const below = middle + marks;
const height = below + lower + foot;

/** A bar's time, in the words of its own length. */
function span(from: number, size: number): string {
  const iso = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");
  return size >= 86_400_000 ? iso(from).slice(0, 10) : `${iso(from)} to ${iso(from + size).slice(11)}`;
}

/**
 * The picture over time: who was let in stands up, who was refused hangs down, each on a scale of its own, so that ten
 * refusals show beside a thousand visits. Between them a mark for each bar in which somebody was seen for the first time.
 */
export function chart(trend: Trend): Html {
  const { bars, admitted, refused, newcomers, bursts } = trend;
  const step = (width - left) / bars.count;
  const most = { admitted: Math.max(1, ...admitted), refused: Math.max(1, ...refused) };
  const x = (bar: number): string => (left + bar * step + step * 0.12).toFixed(1);
  const w = (step * 0.76).toFixed(1);
  const up = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most.admitted) * upper));
  const down = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most.refused) * lower));
  const newAt = new Map<number, number>();
  for (const { time } of newcomers ?? []) {
    const bar = Math.floor((time - bars.from) / bars.size);
    newAt.set(bar, (newAt.get(bar) ?? 0) + 1);
  }
  const every = Math.max(1, Math.ceil(bars.count / 8));
  const labels = Array.from({ length: bars.count }, (_, bar) => bar).filter(
    (bar) => bar % every === 0 && left + bar * step <= width - 150,
  );
  const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0);
  const said = `${sum(admitted)} times let in and ${sum(refused)} times refused, in ${bars.count} bars from ${span(bars.from, bars.size)} on; the table below has the numbers.`;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${said}">
${bursts.map(({ bar }) => html`<rect class="burst" x="${(left + bar * step).toFixed(1)}" y="0" width="${step.toFixed(1)}" height="${below + lower}"/>`)}
<line class="axis" x1="${left}" x2="${width}" y1="${middle}" y2="${middle}"/><line class="axis" x1="${left}" x2="${width}" y1="${below}" y2="${below}"/>
<text x="${left - 8}" y="20" text-anchor="end">${most.admitted}</text><text x="${left - 8}" y="${middle}" text-anchor="end">0</text><text x="${left - 8}" y="${below + lower}" text-anchor="end">${most.refused}</text>
${admitted.map(
  (count, bar) =>
    count > 0 &&
    html`<rect class="good" x="${x(bar)}" y="${(middle - up(count)).toFixed(1)}" width="${w}" height="${up(count).toFixed(1)}"><title>${span(bars.from + bar * bars.size, bars.size)}: ${count} let in</title></rect>`,
)}
${refused.map(
  (count, bar) =>
    count > 0 &&
    html`<rect class="bad" x="${x(bar)}" y="${below}" width="${w}" height="${down(count).toFixed(1)}"><title>${span(bars.from + bar * bars.size, bars.size)}: ${count} refused</title></rect>`,
)}
${[...newAt].map(([bar, count]) => {
  const [cx, cy] = [left + (bar + 0.5) * step, middle + marks / 2];
  return html`<path class="new" d="M${cx.toFixed(1)} ${cy - 7}l7 7-7 7-7-7z"><title>${span(bars.from + bar * bars.size, bars.size)}: ${count} for the first time</title></path>`;
})}
${labels.map((bar, index) => html`<text${index % 2 === 1 && html` class="odd"`} x="${x(bar)}" y="${height - 7}">${axisText(bars.from + bar * bars.size, bars.size)}</text>`)}
</svg>
<ul class="key"><li><svg aria-hidden="true"><rect fill="var(--good)" width="12" height="12"/></svg>Let in</li><li><svg aria-hidden="true"><rect fill="var(--bad)" width="12" height="12"/></svg>Refused or failed</li>
<li><svg aria-hidden="true"><path fill="var(--new)" d="M6 0l6 6-6 6-6-6z"/></svg>Seen for the first time</li><li>All times are UTC.</li></ul>`;
}

function axisText(time: number, size: number): string {
  const iso = new Date(time).toISOString();
  if (size >= 86_400_000) return iso.slice(0, 10);
  return size >= 3 * 3_600_000 ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(11, 16);
}

/** The same numbers as a table, each bar with a link to its events. */
export function numbers({ bars, admitted, refused, nobody }: Trend, filters: Filters): Html {
  const { days: _, ...kept } = filters;
  const rows = admitted
    .map((count, bar) => ({ count, bar, from: bars.from + bar * bars.size }))
    .filter(({ count, bar }) => count > 0 || (refused[bar] ?? 0) > 0);
  return html`<details><summary>The numbers as a table</summary><table><thead><tr><th scope="col">From</th><th scope="col" class="n">Let in</th><th scope="col" class="n">Refused</th><th scope="col" class="n">of these by nobody known</th></tr></thead><tbody>
${rows.map(
  ({ count, bar, from }) =>
    html`<tr><th scope="row" data-label="From">${link(kept, { span: { from, to: from + bars.size } }, moment(from))}</th><td class="n" data-label="Let in">${count}</td><td class="n" data-label="Refused">${refused[bar]}</td><td class="n" data-label="Nobody known">${nobody[bar]}</td></tr>`,
)}</tbody></table></details>`;
}
