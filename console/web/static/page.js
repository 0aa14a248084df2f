// Keeps the parts of the page that are marked data-live as fresh as the ledger. Without this file the page reloads itself.
"use strict";

(() => {
  const LEAST_MS = 1500; // between two fetches, however much happens
  const AGES_MS = 20000; // ages and signs of life change without any event
  const connection = document.getElementById("connection");
  let known = document.getElementById("main").dataset.lastEvent;
  let source = null;
  let timer = null;
  let fetchedAt = Date.now();
  let fetching = false;

  const busy = (part) => {
    const active = document.activeElement;
    return part.contains(active) && active.matches("select, input, button");
  };

  const swap = (fresh) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const made = fresh.getElementById(part.id);
      if (!made || busy(part) || made.innerHTML === part.innerHTML) continue;
      const active = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.replaceChildren(...made.childNodes);
      if (active) part.querySelector(`a[href="${CSS.escape(active)}"]`)?.focus();
    }
    known = fresh.getElementById("main").dataset.lastEvent;
  };

  const lost = (yes) => {
    const text = yes ? "Verbindung unterbrochen: Die Seite zeigt einen alten Stand." : "";
    if (connection.textContent !== text) connection.textContent = text;
  };

  const refresh = async () => {
    timer = null;
    if (fetching || document.hidden) return;
    fetching = true;
    try {
      const answer = await fetch(location.href);
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      lost(!answer.ok);
    } catch {
      lost(true);
    } finally {
      fetching = false;
      fetchedAt = Date.now();
    }
  };

  const soon = () => {
    if (timer === null) timer = setTimeout(refresh, Math.max(50, fetchedAt + LEAST_MS - Date.now()));
  };

  const listen = () => {
    if (source !== null || document.hidden) return;
    source = new EventSource("/events");
    source.addEventListener("change", (event) => {
      if (String(JSON.parse(event.data).last_event) !== known) soon();
      else lost(false);
    });
    source.onerror = () => lost(true);
  };

  const silence = () => {
    source?.close();
    source = null;
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return silence();
    listen();
    soon();
  });
  window.addEventListener("pagehide", silence);
  window.addEventListener("pageshow", listen);
  setInterval(() => {
    if (Date.now() - fetchedAt >= AGES_MS) soon();
  }, 5000);
  listen();
})();
