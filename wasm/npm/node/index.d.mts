export * from "./pmh.js";
/** In browsers this loads the module; in Node it's there already. */
export default function init(): Promise<void>;
