// What the pages gain from a script: live verdicts and alerts, local times, a filter, copying and a look at a password. Everything works without it.
(() => {
  "use strict";

  const minute = 60, hour = 60 * minute, day = 24 * hour;
  const steps = [[hour, minute, "minute"], [2 * day, hour, "hour"], [60 * day, day, "day"], [730 * day, 30 * day, "month"], [Infinity, 365 * day, "year"]];
  const english = new Intl.RelativeTimeFormat("en", { numeric: "always" });

  function relative(moment) {
    const seconds = (moment - Date.now()) / 1000, distance = Math.abs(seconds);
    if (distance < minute) return "just now";
    const [, length, unit] = steps.find(([limit]) => distance < limit);
    return english.format(Math.sign(seconds) * Math.floor(distance / length), unit);
  }

  function showTimes(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (isNaN(moment)) continue;
      if (!time.title) time.title = moment.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
      const words = time.nextElementSibling;
      if (!words || !words.classList.contains("ago")) continue;
      if (!words.textContent) words.before(" ");
      words.textContent = relative(moment);
    }
  }

  // The filter hides rows whose text lacks a word, and headings left without rows.
  let filterText = "";

  function applyFilter() {
    const words = filterText.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0, all = 0;
    for (const list of document.querySelectorAll("[data-filtered]")) {
      const rows = list.tagName === "TABLE" ? list.querySelectorAll("tbody tr:not(.section-row)") : list.children;
      const heading = list.closest("section")?.querySelector("h2, h3")?.textContent ?? "";
      for (const row of rows) {
        const sectionName = row.closest("tbody")?.querySelector(".section-row")?.textContent ?? "";
        const text = (row.textContent + " " + sectionName + " " + heading).toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        all += 1;
        if (!row.hidden) shown += 1;
      }
      for (const body of list.tagName === "TABLE" ? list.tBodies : []) {
        const title = body.querySelector(".section-row");
        if (title) title.hidden = !body.querySelector("tr:not(.section-row):not([hidden])");
      }
      const group = list.closest(".policy-group, .trust-section");
      if (group) group.hidden = words.length > 0 && ![...rows].some((row) => !row.hidden);
    }
    for (const policy of document.querySelectorAll(".trust-policy"))
      policy.hidden = words.length > 0 && !policy.querySelector(".trust-section:not([hidden])");
    const count = document.querySelector(".filter-count");
    if (count) count.textContent = words.length ? `${shown} of ${all}` : "";
  }

  function showFilter() {
    const box = document.querySelector(".filter");
    if (!box) return;
    box.hidden = false;
    const input = box.querySelector("input");
    input.value = filterText;
    input.addEventListener("input", () => { filterText = input.value; applyFilter(); });
    if (filterText) applyFilter();
  }

  function showCopyButtons(root) {
    if (!navigator.clipboard) return;
    for (const block of root.querySelectorAll("pre.command, pre.key-line, pre.verbatim")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(block.querySelector("code").textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 2000);
      });
      block.prepend(button);
    }
  }

  // What is typed into a password field can be looked at (NIST SP 800-63B-4 §3.1.1.2), and is hidden again when it is sent.
  function showPasswordButtons(root) {
    for (const input of root.querySelectorAll("input[type=password]")) {
      const button = document.createElement("button"), what = document.createElement("span");
      button.type = "button";
      button.className = "show";
      what.className = "unseen";
      what.textContent = ": " + (input.labels[0]?.textContent ?? "");
      button.append("Show", what);
      // As plain text it would be sent to services that check spelling.
      input.spellcheck = false;
      input.autocapitalize = "off";
      input.classList.add("beside-show");
      const show = (isShown) => {
        input.type = isShown ? "text" : "password";
        button.setAttribute("aria-pressed", String(isShown));
      };
      show(false);
      button.addEventListener("click", () => show(input.type === "password"));
      input.form?.addEventListener("submit", () => show(false));
      input.after(button);
    }
  }

  // Browsers offer passkeys to scripts only. The server asks, the authenticator answers, and the server says where to go.
  async function ask(box, address, body) {
    const answer = await fetch(address, {
      method: "POST", credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-Form-Token": box.dataset.token }, body: JSON.stringify(body),
    });
    const value = await answer.json();
    if (value.code === "session.confirm") location.assign("/account/confirm?then=" + encodeURIComponent(location.pathname));
    if (!answer.ok) throw new Error([value.title, value.detail].filter(Boolean).join(" "));
    return value;
  }

  function showPasskeys(root) {
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
    for (const box of root.querySelectorAll("[data-passkey]")) {
      box.hidden = false;
      const button = box.querySelector("button"), wrong = box.querySelector(".wrong");
      button.addEventListener("click", async () => {
        button.disabled = true;
        wrong.hidden = true;
        try {
          const question = await ask(box, box.dataset.question, {});
          const isNew = box.dataset.passkey === "create";
          const credential = isNew
            ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
            : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
          const answer = { credential: credential.toJSON() };
          if (isNew) answer.name = box.querySelector("input[name=name]").value;
          location.assign((await ask(box, box.dataset.answer, answer)).location);
        } catch (error) {
          wrong.textContent = error.name === "NotAllowedError" ? "Nothing was done: the passkey was not used." : error.message;
          wrong.hidden = false;
          button.disabled = false;
        }
      });
    }
  }

  function enhance(root) {
    showPasswordButtons(root);
    showPasskeys(root);
    showTimes(root);
    showFilter();
    showCopyButtons(root);
  }

  // A reader who is writing keeps the page; everyone else gets the new one under the same focus, scroll and open drawers.
  function isWriting(main) {
    if (main.querySelector("[role=alert], [aria-invalid]")) return true;
    return [...main.querySelectorAll("form input:not([type=hidden]), form textarea")].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked)
      || [...main.querySelectorAll("form select")].some((field) => !field.options[field.selectedIndex]?.defaultSelected);
  }

  const news = { verdicts: "New verdicts have come in.", alerts: "Alerts have changed." };

  async function refresh(event) {
    const main = document.getElementById("main");
    const announcer = document.getElementById("announcer");
    if (isWriting(main)) {
      announcer.textContent = `${news[event] ?? "The page has changed."} Reload it when you have finished writing.`;
      return;
    }
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Unattended": "1" }, credentials: "same-origin" });
    if (answer.redirected) announcer.textContent = "You are signed out. Load the page again to sign in.";
    if (!answer.ok || answer.redirected) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (!next || isWriting(main)) return;
    const focused = document.activeElement;
    const inMain = main.contains(focused);
    const drawerID = focused.tagName === "SUMMARY" && focused.parentElement.id;
    const selector = inMain && (drawerID ? `#${CSS.escape(drawerID)} > summary` : focused.id ? "#" + CSS.escape(focused.id) : focused.getAttribute("href") && `a[href="${CSS.escape(focused.getAttribute("href"))}"]`);
    for (const drawer of main.querySelectorAll("details[id]")) {
      const twin = next.querySelector("#" + CSS.escape(drawer.id));
      if (twin) twin.open = drawer.open;
    }
    const before = main.querySelector("h1")?.textContent;
    const [x, y] = [scrollX, scrollY];
    main.replaceChildren(...next.childNodes);
    enhance(main);
    scrollTo(x, y);
    if (selector) main.querySelector(selector)?.focus({ preventScroll: true });
    const after = main.querySelector("h1")?.textContent;
    announcer.textContent = before === after ? "" : after;
  }

  // The edition is what the page shows already; the same one again brings nothing new.
  function listen({ live: address, liveEvent: event, liveEdition: edition }) {
    let waiting = null;
    const events = new EventSource(address);
    events.addEventListener(event, ({ data }) => {
      if (edition !== undefined && data === edition) return;
      if (edition !== undefined) edition = data;
      waiting ??= setTimeout(() => { waiting = null; refresh(event).catch(() => {}); }, 300);
    });
    addEventListener("pagehide", () => events.close());
    addEventListener("pageshow", (shown) => { if (shown.persisted) listen({ live: address, liveEvent: event, liveEdition: edition }); }, { once: true });
  }

  enhance(document);
  setInterval(() => showTimes(document), 30000);
  const { dataset } = document.documentElement;
  if (dataset.live) listen(dataset);
})();
