import type { AlertPushSubscription } from "@storeward/contracts";
import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Dialog } from "../ui/dialog.js";
import { ProblemNote } from "../ui/problem-note.js";
import { Confirm } from "../work-list/confirm.js";
import { useAct } from "../work-list/use-act.js";
import { scopeOf } from "./setup/people-draft.js";
import { Problems } from "./setup/problems.js";
import { ScopeFields } from "./setup/scope-fields.js";

const WORKER = "/notices.js";

/** A new receiver; and this browser, to be told of alerts also while the page is closed, where it can be. */
export function ThisBrowser({ onNew, onDone }: { onNew: (() => void) | null; onDone: () => void }) {
  const { client, notice } = useApp();
  const [subscribed, setSubscribed] = useState<boolean | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!canPush()) return;
    void current().then((subscription) => setSubscribed(subscription !== null));
  }, []);
  const [asking, ask] = useState(false);
  const words = t.alerts;
  async function change(what: () => Promise<void>, to: boolean, said: string) {
    setError(null);
    try {
      await what();
      setSubscribed(to);
      notice.value = said;
      onDone();
    } catch (failure) {
      setError(failure);
    }
  }
  async function subscribe(scope: Pick<AlertPushSubscription, "roles" | "places">) {
    const registration = await navigator.serviceWorker.register(WORKER);
    const { publicKey } = await client.pushKey();
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: publicKey,
    });
    const { endpoint = "", keys = {} } = subscription.toJSON();
    await client.subscribePush({ endpoint, keys: { p256dh: keys.p256dh ?? "", auth: keys.auth ?? "" }, ...scope });
    setSubscribed(true);
  }
  async function unsubscribe() {
    const subscription = await current();
    if (subscription === null) return;
    await client.unsubscribePush(subscription.endpoint);
    await subscription.unsubscribe();
  }
  return (
    <>
      <ProblemNote error={error} />
      <p class="alert-transfer">
        {onNew !== null && (
          <button type="button" class="button button-small" onClick={onNew}>
            {t.alertSetup.newReceiver}
          </button>
        )}
        {subscribed === true && (
          <button
            type="button"
            class="button button-small"
            onClick={() => void change(unsubscribe, false, words.browserOffNotice)}
          >
            {words.browserOff}
          </button>
        )}
        {subscribed === false && (
          <button type="button" class="button button-small" onClick={() => ask(true)}>
            {words.browserOn}
          </button>
        )}
      </p>
      {asking && <BrowserDialog subscribe={subscribe} onDone={onDone} onClose={() => ask(false)} />}
    </>
  );
}

/** Of which alerts this browser is to be told. */
function BrowserDialog({
  subscribe,
  onDone,
  onClose,
}: {
  subscribe: (scope: Pick<AlertPushSubscription, "roles" | "places">) => Promise<void>;
  onDone: () => void;
  onClose: () => void;
}) {
  const [scope, setScope] = useState<{ roles: string; places: readonly string[] }>({ roles: "", places: [] });
  const { busy, error, act } = useAct(onDone, onClose);
  return (
    <Dialog title={t.alertSetup.browser} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => subscribe(scopeOf(scope)), t.alerts.browserOnNotice);
        }}
      >
        <ScopeFields
          {...scope}
          problems={new Problems(error)}
          onChange={(change) => setScope((was) => ({ ...was, ...change }))}
        />
        <Confirm
          what={t.alertSetup.browserSays}
          ready
          name={t.alerts.browserOn}
          busy={busy}
          error={error}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}

/** Browsers allow it on pages that came over TLS, or from this machine. */
function canPush(): boolean {
  return isSecureContext && "serviceWorker" in navigator && "PushManager" in window;
}

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}
