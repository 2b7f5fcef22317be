/** Preloaded into the agent's own process: answers every message with what it has used so far. */
process.on("message", () =>
  process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS }),
);
process.channel?.unref();
