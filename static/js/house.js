/* The frame's behaviour. Every page works without it; it only makes the work quicker. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const body = document.body;
  const mac = /Mac|iPhone|iPad/.test(navigator.platform || "");

  /* --- menus: one open at a time, closed by Escape or a click elsewhere --- */
  document.addEventListener("click", (event) => {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of $$("details.menu[open]")) { menu.open = false; $("summary", menu).focus(); }
  });
  const fold = $("[data-river-fold]");
  if (fold) fold.addEventListener("click", () => {
    const narrow = document.documentElement.toggleAttribute("data-river");
    if (narrow) document.documentElement.dataset.river = "narrow";
    document.cookie = `river=${narrow ? "narrow" : ""};path=/;max-age=31536000;samesite=lax`;
  });
  for (const stage of $$(".stage > summary")) stage.addEventListener("click", () => {
    if (document.documentElement.dataset.river === "narrow") { fold.click(); stage.parentElement.open = false; }
  });

  /* --- search: Ctrl-K, arrows through the hits --- */
  const find = $("#find");
  for (const key of $$("[data-find-key]")) key.textContent = mac ? "⌘K" : "Ctrl K";
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && find) {
      event.preventDefault(); find.focus(); find.select();
    }
    const hits = $$("#find-hits a");
    if (!hits.length || !event.target.closest(".find")) return;
    const now = hits.indexOf(document.activeElement);
    if (event.key === "ArrowDown") { event.preventDefault(); (hits[now + 1] || hits[0]).focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); (hits[now - 1] || find).focus(); }
    if (event.key === "Escape") { find.value = ""; $("#find-hits").replaceChildren(); find.blur(); }
  });

  /* --- the drawer of reasons --- */
  const drawer = $("#drawer");
  const trail = [];
  if (drawer) {
    const back = $("[data-drawer-back]");
    document.addEventListener("click", (event) => {
      if (event.target === drawer || event.target.closest("[data-drawer-close]")) drawer.close();
      const link = event.target.closest("a.why");
      if (link && !event.ctrlKey && !event.metaKey) trail.push(link.getAttribute("hx-get"));
    });
    back.addEventListener("click", () => {
      trail.pop();
      window.htmx.ajax("GET", trail[trail.length - 1], { target: "#drawer-body" });
    });
    drawer.addEventListener("close", () => { trail.length = 0; });
    body.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target.id !== "drawer-body") return;
      back.hidden = trail.length < 2;
      if (!drawer.open) drawer.showModal();
      drawer.scrollTop = 0;
    });
  }

  /* --- toasts, failures, the line --- */
  const toast = (text, level = "error") => {
    const note = document.createElement("div");
    note.className = `notice notice-${level}`;
    note.textContent = text;
    $("#toasts").append(note);
    setTimeout(() => note.remove(), 8000);
  };
  body.addEventListener("htmx:responseError", (event) => {
    const text = event.detail.xhr.status === 403 ? body.dataset.forbidden : body.dataset.failed;
    const panel = event.detail.elt.closest("[data-panel]");
    if (!panel) { toast(text); return; }
    const said = document.createElement("p");
    said.className = "muted small";
    said.textContent = text;
    panel.replaceChildren(said);
  });
  body.addEventListener("htmx:sendError", () => toast(body.dataset.offline, "warning"));
  window.addEventListener("offline", () => toast(body.dataset.offline, "warning"));
  body.addEventListener("htmx:afterSettle", (event) => {
    const said = event.detail.elt.closest("[data-live]") || $("[data-live]", event.detail.elt);
    if (said) $("#live").textContent = said.dataset.live;
  });

  /* --- money and dates as they are typed --- */
  const digits = "영일이삼사오육칠팔구", small = ["", "십", "백", "천"], large = ["", "만", "억", "조", "경"];
  const reading = (text) => {
    const number = text.replace(/[^0-9-]/g, "");
    if (!/^-?[0-9]{1,20}$/.test(number)) return "";
    let rest = number.replace("-", "").replace(/^0+/, ""), words = "", group = 0;
    if (!rest) return "금 영원정";
    for (; rest; rest = rest.slice(0, -4), group += 1) {
      const four = rest.slice(-4).padStart(4, "0");
      const said = [...four].map((d, i) => (d === "0" ? "" : digits[d] + small[3 - i])).join("");
      if (said) words = said + large[group] + words;
    }
    return `금 ${number.startsWith("-") ? "마이너스 " : ""}${words}원정`;
  };
  const dress = (input) => {
    const out = document.getElementById(`${input.id}_reading`);
    if (/[만억조]/.test(input.value)) { /* read at once: a line that appeared on leaving would move what is clicked next */
      const spelt = spell(input.value);
      if (out) out.textContent = /^-?[0-9]+$/.test(spelt) ? reading(spelt) : "";
      return;
    }
    const plain = input.value.replace(/[^0-9-]/g, "");
    if (plain && plain !== "-") {
      const fromEnd = input.value.length - input.selectionEnd;
      input.value = plain.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
      if (document.activeElement === input) input.setSelectionRange(input.value.length - fromEnd, input.value.length - fromEnd);
    }
    if (out) out.textContent = plain ? reading(plain) : "";
  };
  document.addEventListener("input", (event) => { if (event.target.matches("input[data-money]")) dress(event.target); });
  const spell = (text) => {
    const found = text.replace(/[,\s]/g, "").replace(/원$/, "").match(/^(-?)(?:(\d+(?:\.\d+)?)조)?(?:(\d+(?:\.\d+)?)억)?(?:(\d+(?:\.\d+)?)만)?(\d+)?$/);
    if (!found) return text;
    const [, sign, ...parts] = found;
    const sum = [1e12, 1e8, 1e4, 1].reduce((total, size, i) => total + Math.round(Number(parts[i] || 0) * size), 0);
    return Number.isSafeInteger(sum) ? sign + String(sum) : text;
  };
  document.addEventListener("change", (event) => { /* before htmx sends it to be checked */
    const input = event.target;
    if (input.matches("input[data-money]") && /[만억조]/.test(input.value)) { input.value = spell(input.value); dress(input); }
    if (!input.matches("input[data-date]")) return;
    const found = input.value.trim().match(/^(\d{4})[.\-/ ]?(\d{1,2})[.\-/ ]?(\d{1,2})\.?$/);
    if (found) input.value = `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}`;
  }, true);
  const dressAll = (root) => { for (const input of $$("input[data-money]", root)) dress(input); };
  dressAll(document);
  body.addEventListener("htmx:load", (event) => dressAll(event.detail.elt));

  /* --- forms: never twice, never lost --- */
  let unsaved = false;
  document.addEventListener("input", (event) => { if (event.target.closest("form[data-guard]")) unsaved = true; });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-guard]")) unsaved = false;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
    setTimeout(() => { delete form.dataset.sent; }, 10000);
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved) { event.preventDefault(); event.returnValue = body.dataset.unsaved; } });

  /* --- drafts: what was typed into a long form stays in this tab until it is sent or thrown away --- */
  const draftKey = (form) => `draft:${body.dataset.user}:${new URL(form.action, location.href).pathname}`;
  const drafted = (form) => $$("input[name], select[name], textarea[name]", form)
    .filter((one) => !one.matches('[type="hidden"], [type="file"], [type="password"], [data-secret]'));
  const reads = (form) => Object.fromEntries(drafted(form).map((one, i) => [`${one.name}/${i}`, one.matches('[type="checkbox"], [type="radio"]') ? one.checked : one.value]));
  const kept = (form) => { try { return JSON.parse(sessionStorage.getItem(draftKey(form))); } catch { return null; } };
  let typing = 0;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (!form || !body.dataset.user) return;
    clearTimeout(typing);
    typing = setTimeout(() => { if (form.isConnected) sessionStorage.setItem(draftKey(form), JSON.stringify(reads(form))); }, 600);
  });
  const drop = (form) => { clearTimeout(typing); sessionStorage.removeItem(draftKey(form)); };
  const restore = (form, values) => {
    drafted(form).forEach((one, i) => {
      const value = values[`${one.name}/${i}`];
      if (value === undefined) return;
      if (typeof value === "boolean") one.checked = value; else one.value = value;
      if (one.matches("[data-money]")) dress(one);
    });
    unsaved = true;
    const last = drafted(form).at(-1);
    if (last) last.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const form of $$("form[data-guard]")) {
    const values = kept(form);
    if (!values || $(".is-invalid", form) || JSON.stringify(values) === JSON.stringify(reads(form))) continue;
    const offer = document.createElement("div");
    offer.className = "notice notice-info";
    offer.setAttribute("role", "status");
    const button = (text, act) => {
      const made = document.createElement("button");
      made.type = "button"; made.className = "btn btn-sm"; made.textContent = text;
      made.addEventListener("click", () => { act(); offer.remove(); });
      return made;
    };
    const said = document.createElement("span");
    said.textContent = body.dataset.draft;
    offer.append(said, button(body.dataset.draftRestore, () => restore(form, values)), button(body.dataset.draftDrop, () => drop(form)));
    form.before(offer);
  }
  body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form && event.detail.xhr && event.detail.xhr.getResponseHeader("HX-Redirect")) { unsaved = false; drop(form); }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-guard]") && !form.hasAttribute("hx-post")) drop(form);
    if (form.action.endsWith("/logout/")) for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft:")) sessionStorage.removeItem(key);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-check-all]"))
      for (const box of $$('input[name="keys"]', event.target.closest("table"))) box.checked = event.target.checked;
  });

  /* --- work pages: j and k walk the queue --- */
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const step = { j: 1, k: -1 }[event.key];
    const cases = $$("[data-case]");
    if (!step || !cases.length) return;
    const now = cases.findIndex((link) => link.hasAttribute("aria-current"));
    const next = cases[Math.min(Math.max(now + step, 0), cases.length - 1)];
    if (next && next !== cases[now]) next.click();
  });

  /* --- the demo's door: one click fills in a person --- */
  document.addEventListener("click", (event) => {
    const person = event.target.closest("[data-demo-login]");
    if (!person) return;
    $("#id_username").value = person.dataset.demoLogin;
    $("#id_password").value = person.dataset.demoPassword;
    $("#id_password").form.requestSubmit();
  });
})();
