// SPDX-License-Identifier: Apache-2.0
// A page of `heatsim view`: asks each second whether there is something new.

import type { Page } from "./payload";
import { page, setPage } from "./state";

const everyMs = 1000;

export function watchLive(url: string): void {
  const badge = document.getElementById("live-badge") as HTMLElement;
  badge.hidden = false;
  let etag: string | null = null;
  let last = new Date();
  const show = (connected: boolean) => {
    badge.classList.toggle("lost", !connected);
    badge.textContent = connected
      ? `live · updated ${last.toLocaleTimeString()}`
      : `not connected · as of ${last.toLocaleTimeString()}`;
  };
  const ask = async () => {
    try {
      const response = await fetch(url, {
        cache: "no-store",
        headers: etag === null ? {} : { "If-None-Match": etag },
      });
      if (response.status === 200) {
        etag = response.headers.get("ETag");
        const next = (await response.json()) as Page;
        if (next.kind === page().kind) {
          last = new Date();
          setPage(next);
        }
      } else if (response.status !== 304) throw new Error(response.statusText);
      show(true);
    } catch {
      show(false);
    }
    setTimeout(ask, everyMs);
  };
  show(true);
  setTimeout(ask, everyMs);
}
