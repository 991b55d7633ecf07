// Has the browser use or make a passkey for the form that asks for one, and sends what comes of it.
// Nothing is decided here: what a passkey proves is judged by the server.
(() => {
  "use strict";
  const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
    SimpleWebAuthnBrowser;
  const form = document.querySelector("form[data-passkey]");
  if (!form || !browserSupportsWebAuthn()) return;
  // A challenge lives for five minutes; what is offered in the address field is renewed before that.
  const OFFERED_FOR = 240000;
  const isNew = form.dataset.passkey === "create";
  let renewal;

  const ask = async () => {
    const body = new URLSearchParams({ form_token: form.elements.form_token.value });
    const answer = await fetch(`${form.getAttribute("action")}/options`, { method: "POST", body, redirect: "manual" });
    return answer.ok ? answer.json() : Promise.reject(answer);
  };

  const send = (credential) => {
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  };

  const tell = (fault) => {
    for (const each of form.querySelectorAll("[data-fault]")) each.hidden = each.dataset.fault !== fault;
  };

  const offer = async () => {
    if (isNew || !document.querySelector("input[autocomplete$='webauthn']")) return;
    if (!(await browserSupportsWebAuthnAutofill())) return;
    const optionsJSON = await ask();
    renewal = setTimeout(() => offer().catch(() => {}), OFFERED_FOR);
    send(await startAuthentication({ optionsJSON, useBrowserAutofill: true }));
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(renewal);
    tell(null);
    try {
      const optionsJSON = await ask();
      send(await (isNew ? startRegistration({ optionsJSON }) : startAuthentication({ optionsJSON })));
    } catch (error) {
      // The page is too old, or the sign-in no longer recent enough: the server says which, and what to do.
      if (error.type === "opaqueredirect" || error.status === 403) return location.assign(isNew ? form.action : "/sign-in");
      tell(error.name === "InvalidStateError" ? "known" : "none");
      offer().catch(() => {});
    }
  });

  form.hidden = false;
  for (const each of document.querySelectorAll("[data-without-passkeys]")) each.hidden = true;
  offer().catch(() => {});
})();
