import { t } from "../messages/index.js";
import { SignIn } from "../session/sign-in.js";
import { Page } from "../ui/page.js";
import { ProblemNote } from "../ui/problem-note.js";
import { type App, AppContext } from "./app.js";
import { Shell } from "./shell.js";

export function Root({ app }: { app: App }) {
  return (
    <AppContext.Provider value={app}>
      <Gate app={app} />
    </AppContext.Provider>
  );
}

/** Nobody sees anything before it is known who they are. */
function Gate({ app }: { app: App }) {
  const session = app.session.value;
  switch (session.state) {
    case "checking":
      return <p class="wait">{t.loading}</p>;
    case "unreachable":
      return (
        <Page title={t.product}>
          <ProblemNote error={session.failure} retry={() => void app.check()} />
        </Page>
      );
    case "out":
      return <SignIn ended={session.ended} />;
    case "in":
      return <Shell user={session.user} />;
  }
}
