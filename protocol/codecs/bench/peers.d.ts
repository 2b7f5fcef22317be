/* The libraries that ours are measured beside: their own types do not say what they do. */

// biome-ignore lint/suspicious/noExplicitAny: see above
declare const peer: any;
export default peer;
// biome-ignore lint/suspicious/noExplicitAny: see above
export const LLRPMessage: any;
