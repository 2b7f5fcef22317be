import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { ProblemNote } from "../ui/problem-note.js";

const WORKER = "/notices.js";

/** Has this browser told of alerts, also while the page is closed; nothing where it cannot be. */
export function ThisBrowser({ onDone }: { onDone: () => void }) {
  const { client, notice } = useApp();
  const [subscribed, setSubscribed] = useState<boolean | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!canPush()) return;
    void current().then((subscription) => setSubscribed(subscription !== null));
  }, []);
  if (subscribed === null) return null;
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
  async function subscribe() {
    const registration = await navigator.serviceWorker.register(WORKER);
    const { publicKey } = await client.pushKey();
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: publicKey,
    });
    const { endpoint = "", keys = {} } = subscription.toJSON();
    await client.subscribePush({ endpoint, keys: { p256dh: keys.p256dh ?? "", auth: keys.auth ?? "" } });
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
        {subscribed ? (
          <button
            type="button"
            class="button button-small"
            onClick={() => void change(unsubscribe, false, words.browserOffNotice)}
          >
            {words.browserOff}
          </button>
        ) : (
          <button
            type="button"
            class="button button-small"
            onClick={() => void change(subscribe, true, words.browserOnNotice)}
          >
            {words.browserOn}
          </button>
        )}
      </p>
    </>
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
