/** Where the flags are published; set by the build. */
declare const __FLAGS_FOLDER__: string;

/** A file as the text that stands in it. */
declare module '*?raw' {
  const text: string;
  export default text;
}
