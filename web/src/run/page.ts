// SPDX-License-Identifier: Apache-2.0
// The report of one run.

import { h, icon, icons } from "../dom";
import { term } from "../explain";
import { quantity } from "../format";
import { facts, figures, frame, notes, type Section, section } from "../layout";
import { live } from "../state";
import { cyclesSection } from "./cycles";
import { energySection } from "./energy";
import { bandsSection } from "./error_bands";
import { functionalSection } from "./functional";
import { imageSections } from "./images";
import { resourcesSection } from "./resources";
import { roofline } from "./roofline";
import { groupLegend, run } from "./state";
import { timelineSection } from "./timeline";
import { tokensSection } from "./tokens";

export function runPage(): HTMLElement {
  const sections: Section[] = [
    section(
      "overview",
      "Overview",
      null,
      verdicts(),
      figures(() => run().headline),
      notes(() => run().notes),
    ),
    cyclesSection(),
  ];
  if (run().functional) sections.push(functionalSection());
  if (run().timelines.length > 0) sections.push(timelineSection());
  sections.push(rooflineSection(), tokensSection());
  sections.push(...imageSections());
  sections.push(energySection(), resourcesSection());
  if ((run().error_bands ?? []).length > 0) sections.push(bandsSection());
  return frame(
    facts(() => run().facts),
    sections,
  );
}

function verdicts(): HTMLElement {
  return live("ul", { class: "verdicts" }, () =>
    run().verdict.map((verdict) =>
      h(
        "li",
        { class: verdict.ok ? "verdict good" : "verdict bad" },
        icon(verdict.ok ? icons.check : icons.warning),
        h("strong", null, term(verdict.label, verdict.explain)),
        h("span", null, verdict.text),
      ),
    ),
  );
}

function rooflineSection(): Section {
  const plot = roofline(run, groupLegend);
  return section(
    "roofline",
    "Roofline",
    () =>
      `No operator can be above the roof: ${quantity(run().roofline.peak_gmacs, "GMAC/s")} is what the array computes at most, the slopes are what the memory feeds it. An operator far below the roof waits for something else.`,
    plot.element,
  );
}
