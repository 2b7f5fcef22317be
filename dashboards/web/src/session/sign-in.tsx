import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/problem.js";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Icon, Mark } from "../ui/icon.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import "./sign-in.css";

export function SignIn({ ended }: { ended: boolean }) {
  const { client, signedIn } = useApp();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const name = useId();
  const password = useId();
  const first = useRef<HTMLInputElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Before the heading of the page would take the focus.
  useLayoutEffect(() => first.current?.focus(), []);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (busy || !(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      const { user } = await client.signIn(String(form.get("username")).trim(), String(form.get("password")));
      signedIn(user);
    } catch (failure) {
      setBusy(false);
      setError(failure);
      field.current?.select();
    }
  }
  const status = error instanceof ApiError ? error.status : undefined;
  const known = status === 401 ? t.signIn.wrong : status === 429 ? t.signIn.tooMany : undefined;

  return (
    <Page title={t.signIn.title} className="sign-in" heading={<SignInHeading />}>
      <form class="card sign-in-card" onSubmit={(event) => void submit(event)}>
        {ended && error === null && <p class="note note-warn">{t.signIn.ended}</p>}
        {known !== undefined && (
          <p class="note note-bad" role="alert">
            <Icon name="warning" />
            <span>{known}</span>
          </p>
        )}
        {known === undefined && <ProblemNote error={error} />}
        <label for={name}>{t.signIn.username}</label>
        <input
          id={name}
          ref={first}
          name="username"
          class="input"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
        />
        <label for={password}>{t.signIn.password}</label>
        <div class="sign-in-password">
          <input
            id={password}
            ref={field}
            name="password"
            class="input"
            // Shown as text on request; the type that forms are declared with knows no such change.
            {...({ type: shown ? "text" : "password" } as { type: "password" })}
            autocomplete="current-password"
            required
          />
          <button
            type="button"
            class="button-icon"
            aria-pressed={shown}
            aria-label={shown ? t.signIn.hide : t.signIn.show}
            onClick={() => setShown(!shown)}
          >
            <Icon name="eye" />
          </button>
        </div>
        <button type="submit" class="button button-main" disabled={busy}>
          {busy ? t.signIn.working : t.signIn.submit}
        </button>
        <p class="small muted">{t.signIn.first}</p>
      </form>
    </Page>
  );
}

function SignInHeading() {
  return (
    <>
      <Mark />
      <span>{t.product}</span>
      <span class="sign-in-lead">{t.signIn.lead}</span>
    </>
  );
}
