// First what everything rests on: later style sheets refine it.
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/parts.css";

import { render } from "preact";
import { createApp } from "./app/app.js";
import { Root } from "./app/root.js";

const place = document.getElementById("app");
if (place !== null) {
  const app = createApp();
  app.start();
  render(<Root app={app} />, place);
}
