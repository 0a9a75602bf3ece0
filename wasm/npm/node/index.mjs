// The package for `import` in Node: what `require` gets, and the same `init` as in browsers.
export { Session, run } from "./pmh.js";

/** In browsers this loads the module; in Node it's there already. */
export default async function init() {}
